import pytest

from mmsepbn.evaluation.comparison_table import comparison_table

ROWS = {'wflw/NME': 5.004, 'wflw/AUC_0.10': 0.51, 'wflw/pose/NME': 9.0, 'wflw/pose/AUC_0.10': 0.1}


def test_metrics_of_runs_stand_side_by_side():
    table = comparison_table({'BN': ROWS, 'SepBN': {key: value / 2 for key, value in ROWS.items()}})
    assert table.splitlines() == [
        '| test set | NME % BN | NME % SepBN | AUC@0.10 BN | AUC@0.10 SepBN |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| wflw | 5.00 | 2.50 | 0.510 | 0.255 |',
        '| wflw/pose | 9.00 | 4.50 | 0.100 | 0.050 |',
    ]


@pytest.mark.parametrize('order', [1, -1])
def test_rows_that_only_one_run_has_are_not_dropped(order):
    runs = [('BN', {key: ROWS[key] for key in ROWS if 'pose' not in key}), ('SepBN', ROWS)][::order]
    with pytest.raises(ValueError, match=r"do not both have \['wflw/pose/AUC_0.10', 'wflw/pose/NME'\]"):
        comparison_table(dict(runs))
