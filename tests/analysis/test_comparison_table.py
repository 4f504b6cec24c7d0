from mmsepbn.analysis.comparison_table import comparison_table


def test_metrics_of_runs_stand_side_by_side():
    rows = {'wflw/NME': 5.004, 'wflw/AUC@0.10': 0.51, 'wflw/pose/NME': 9.0, 'wflw/pose/AUC@0.10': 0.1}
    table = comparison_table({'BN': rows, 'SepBN': {key: value / 2 for key, value in rows.items()}})
    assert table.splitlines() == [
        '| test set | NME % BN | NME % SepBN | AUC@0.10 BN | AUC@0.10 SepBN |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| wflw | 5.00 | 2.50 | 0.510 | 0.255 |',
        '| wflw/pose | 9.00 | 4.50 | 0.100 | 0.050 |',
    ]
