import pytest

from mmsepbn.experiments.summary import summary_markdown


def record(nme, name='aflw', parameters=1_234_000):
    metrics = {f'{name}/NME': nme, f'{name}/AUC@0.10': nme / 10, f'{name}/frontal/NME': 2 * nme}
    return dict(metrics=metrics, parameters=parameters)


def test_mean_and_deviation_over_seeds():
    text = summary_markdown('Norms', {'BN': [record(1.0), record(3.0)], 'SepBN': [record(1.5), record(1.5)]})
    assert text.splitlines() == [
        '### Norms',
        '',
        '| row | seeds | aflw NME % | aflw AUC@0.10 | aflw/frontal NME % | parameters |',
        '| --- | ---: | ---: | ---: | ---: | ---: |',
        '| BN | 2 | 2.00 ± 1.41 | 0.200 ± 0.141 | 4.00 ± 2.83 | 1.234 M |',
        '| SepBN | 2 | 1.50 ± 0.00 | 0.150 ± 0.000 | 3.00 ± 0.00 | 1.234 M |',
    ]


def test_one_seed_has_no_deviation_and_an_oracle_is_marked():
    text = summary_markdown('T', {'BN': [record(1.0)], 'brute force': [record(0.5, 'aflw (oracle)')]}, ['aflw/NME'])
    assert text.splitlines()[-2:] == ['| BN | 1 | 1.00 | 1.234 M |', '| brute force | 1 | 0.50 (oracle) | 1.234 M |']


def test_a_metric_that_a_row_lacks_is_named():
    with pytest.raises(ValueError, match=r"row 'BN' has no metric 'wflw/NME'. It has \['aflw/NME'"):
        summary_markdown('T', {'BN': [record(1.0)]}, ['wflw/NME'])
