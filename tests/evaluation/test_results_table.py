from mmsepbn.evaluation.metric_names import current_name
from mmsepbn.evaluation.results_table import cells, heading, results_table


def test_headings_are_those_of_the_papers():
    assert [*map(heading, ('NME', 'FR_0.10', 'AUC_0.10', 'PCK'))] == ['NME %', 'FR@0.10 %', 'AUC@0.10', 'PCK %']
    table = results_table({'wflw/NME': 5.0, 'wflw/FR_0.10': 8.25, 'wflw/AUC_0.10': 0.5})
    assert [cell.strip() for cell in table.splitlines()[1].strip('┃').split('┃')] == [
        *('test set', 'NME %', 'FR@0.10 %', 'AUC@0.10')
    ]


def test_a_set_may_lack_a_metric_that_another_has():
    assert cells({'NME': 5.0, 'AUC_0.10': 0.5}, ['AUC_0.10', 'FR_0.10', 'NME']) == ['0.500', '', '5.00']
    table = results_table({'wflw/NME': 5.0, 'wflw/FR_0.10': 8.25, 'wflw/pose/NME': 7.0})
    assert [cell.strip() for cell in table.splitlines()[-2].strip('│').split('│')] == ['wflw/pose', '7.00', '']


def test_names_of_older_files_are_read_as_todays():
    old = ('300w/FR@0.10', 'aflw (oracle)/frontal/AUC@0.10', 'aflw (oracle)/NME', 'me@home/NME', 'wflw/FR_0.10')
    assert [current_name(name) for name in old] == [
        *('300w/FR_0.10', 'aflw_oracle/frontal/AUC_0.10', 'aflw_oracle/NME', 'me@home/NME', 'wflw/FR_0.10')
    ]
