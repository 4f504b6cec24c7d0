from mmsepbn.evaluation.results_table import cells, heading, mean_std, results_table


def test_headings_are_those_of_the_papers():
    assert [*map(heading, ('NME', 'FR_0.10', 'AUC_0.10', 'PCK'))] == ['NME %', 'FR@0.10 %', 'AUC@0.10', 'PCK']
    table = results_table({'wflw/NME': 5.0, 'wflw/FR_0.10': 8.25, 'wflw/AUC_0.10': 0.5})
    assert [cell.strip() for cell in table.splitlines()[1].strip('┃').split('┃')] == [
        *('test set', 'NME %', 'FR@0.10 %', 'AUC@0.10')
    ]


def test_a_set_may_lack_a_metric_that_another_has():
    assert cells({'NME': 5.0, 'AUC_0.10': 0.5}, ['AUC_0.10', 'FR_0.10', 'NME']) == ['0.500', '', '5.00']
    table = results_table({'wflw/NME': 5.0, 'wflw/FR_0.10': 8.25, 'wflw/pose/NME': 7.0})
    assert [cell.strip() for cell in table.splitlines()[-2].strip('│').split('│')] == ['wflw/pose', '7.00', '']


def test_a_spread_is_shown_where_there_are_several_seeds():
    assert mean_std('NME', [1.0, 3.0]) == '2.00 ± 1.41'  # the square root of 2
    assert mean_std('AUC_0.10', [0.5]) == '0.500'
