import pytest

from mmsepbn.experiments.summary import MissingMetricError, summary_markdown


def record(nme, name='aflw', parameters=1_234_000):
    metrics = {f'{name}/NME': nme, f'{name}/AUC_0.10': nme / 10, f'{name}/frontal/NME': 2 * nme}
    return dict(metrics=dict(test=metrics), curve=[9.0, 2 * nme], parameters=parameters, macs=58_940_000)


def test_mean_and_deviation_over_seeds():
    text = summary_markdown('Norms', {'BN': [record(1.0), record(3.0)], 'SepBN': [record(1.5), record(1.5)]})
    assert text.splitlines() == [
        '### Norms',
        '',
        '| row | seeds | aflw NME % | aflw AUC@0.10 | aflw/frontal NME % | training loss | parameters | MACs |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
        '| BN | 2 | 2.00 ± 1.41 | 0.200 ± 0.141 | 4.00 ± 2.83 | 4.00 | 1.234 M | 58.9 M |',
        '| SepBN | 2 | 1.50 ± 0.00 | 0.150 ± 0.000 | 3.00 ± 0.00 | 3.00 | 1.234 M | 58.9 M |',
    ]


def test_one_seed_has_no_deviation_and_an_oracle_is_marked():
    text = summary_markdown(
        'T', {'BN': [record(1.0)], 'brute force': [record(0.5, 'aflw_oracle')]}, columns=['aflw/NME']
    )
    assert text.splitlines()[-2:] == [
        '| BN | 1 | 1.00 | 2.00 | 1.234 M | 58.9 M |',
        '| brute force | 1 | 0.50 (oracle) | 1.00 | 1.234 M | 58.9 M |',
    ]


def test_metrics_of_a_user_come_first_or_have_no_set():
    own = record(1.0)
    own['metrics']['test'] = {'mine/MAE': -0.5, 'PCK': 0.75, **own['metrics']['test']}
    head = summary_markdown('T', {'BN': [own]}).splitlines()[2]
    assert head.startswith('| row | seeds | aflw NME % | aflw AUC@0.10 | aflw/frontal NME % | training')
    text = summary_markdown('T', {'BN': [own]}, columns=['mine/MAE', 'PCK']).splitlines()
    assert text[2].startswith('| row | seeds | mine MAE | PCK | training')
    assert text[-1].startswith('| BN | 1 | -0.50 | 0.75 |')
    del own['metrics']['test']['aflw/NME'], own['metrics']['test']['aflw/frontal/NME']
    assert '| mine MAE | training' in summary_markdown('T', {'BN': [own]})
    own['metrics']['test'] = {'PCK': 0.75, 'MAE': 2.0}
    assert '| seeds | PCK | training' in summary_markdown('T', {'BN': [own]})


def test_a_metric_that_a_row_lacks_is_named():
    with pytest.raises(MissingMetricError, match=r"row 'BN': There is no metric 'wflw/NME', but \['aflw/NME'"):
        summary_markdown('T', {'BN': [record(1.0)]}, columns=['wflw/NME'])


def test_an_epoch_without_a_logged_loss_says_so():
    last = record(1.0)
    last['curve'][-1] = None
    text = summary_markdown('T', {'BN': [record(3.0), last]}, columns=['aflw/AUC_0.10'])
    assert text.splitlines()[-1] == '| BN | 2 | 0.200 ± 0.141 | not logged | 1.234 M | 58.9 M |'


def test_a_row_without_records_says_so():
    text = summary_markdown('T', {'BN': [record(1.0)], 'SepBN': []}, columns=['aflw/NME'])
    assert text.splitlines()[-1] == '| SepBN | 0 | not run |  |  |  |'
