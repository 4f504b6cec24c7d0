import json
import re
import shutil

import pytest
from helpers import ROOT

from benchmarks.method import command
from benchmarks.method.claims import CLAIMS
from benchmarks.method.lost_rows import lost_rows
from benchmarks.method.page import MeasuredTable, render_page
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.results import read_results
from mmsepbn.experiments.table import Row, Table

METHOD = ROOT / 'benchmarks' / 'method'


def record(nme, seed, deviation=0.0):
    layers = {
        name: dict(deviation=d, by_pose=0.5, by_subset=dict(blur=0.1, pose=d), similarity=dict(scale=1 - d, shift=-d))
        for name, d in (('a', deviation), ('b', 2 * deviation))
    }
    return dict(
        seed=seed,
        metrics=dict(val={'300w/NME': nme}),
        curve=[2.5],
        parameters=1_000_000,
        macs=2_000_000,
        attention=dict(val=dict(layers=layers, mean_ablated={'300w/NME': nme + deviation})) if deviation else {},
    )


@pytest.fixture
def tables():
    rows = tuple(Row(name, ()) for name in ('BN', 'SepBN', 'later'))
    table = Table('Norms', rows, split='val', comparisons=(('SepBN', 'BN'), ('later', 'BN')))
    records = {
        'BN': [record(6.0, 0), record(6.2, 1), record(6.1, 2)],
        'SepBN': [record(3.0, 0, 0.1), record(3.1, 1, 0.3), record(3.05, 2, 0.2)],
        'later': [],
    }
    return {'norms': MeasuredTable(table, records)}


def rendered(tables, tmp_path, text):
    template = tmp_path / 'page.md.jinja'
    template.write_text(text)
    return render_page(template, tables, claims=())


def test_a_page_shows_tables_comparisons_and_attention(tables, tmp_path):
    text = rendered(tables, tmp_path, "{{ table('norms') }}\n\n{{ attention('norms') }}\n")
    assert '| SepBN | 3 | 3.05 ± 0.05 | 2.50 | 1.000 M | 2.0 M |' in text
    assert '- SepBN against BN: -50.0 % (95 %: -' in text
    assert ', lower.\n\nCommand: `benchmarks/method/run.py norms`. Not run: later.\n' in text
    assert '| SepBN | 0.200, 0.400 | 50%, 50% | 0.80, 0.60 | -0.20, -0.40 | 3.05 → 3.25 |' in text
    assert '| BN | 0.' not in text


def test_the_introduction_of_a_table_stands_below_its_heading(tables, tmp_path):
    text = rendered(tables, tmp_path, "{% call table('norms') %}\nWhat they are.\n{% endcall %}")
    assert text.startswith('### Norms\n\nWhat they are.\n\n| row |')


def test_a_page_shows_what_the_attention_goes_with(tables, tmp_path):
    text = rendered(tables, tmp_path, "{{ attributes('norms', 'SepBN') }}\n\n{{ attributes('norms', 'later') }}")
    assert text.splitlines()[2:] == [
        '| head pose | 50%, 50% |',
        '| blur | 10%, 10% |',
        '| pose | 20%, 40% |',
        '',
        'Not run.',
    ]


def test_one_row_alone_is_not_shown(tables, tmp_path):
    tables['norms'].records['BN'].clear()
    assert (
        rendered(tables, tmp_path, "{{ table('norms') }}")
        == '*Norms*: only SepBN was run; `benchmarks/method/run.py norms`.'
    )


def test_runs_that_do_not_tell_of_their_attention_are_not_left_out_of_a_mean(tables, tmp_path):
    tables['norms'].records['SepBN'][1]['attention'] = {}
    with pytest.raises(ValueError, match='Of 3 records 2 tell of the attention on val'):
        rendered(tables, tmp_path, "{{ attention('norms') }}")


@pytest.fixture
def committed(monkeypatch):
    """Render the page from results, the committed ones or others."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv('METHOD_SIZE', raising=False)

    def render(results=METHOD / 'results'):
        tables = command.settle_tables(ROOT / 'work_dirs', Records(results, results))
        return render_page(METHOD / 'results.md.jinja', command.measured(tables, results), CLAIMS)

    return render


@pytest.mark.slow
def test_the_page_is_the_rendering_of_the_results_wherever_data_sets_lie(committed, monkeypatch):
    for name in ('FACES_ROOT', 'WFLW_ROOT', 'AFLW_ROOT'):
        monkeypatch.setenv(name, '/somewhere/else')
    monkeypatch.setenv('CNT_SETS', 'wflw,cofw')
    page = committed()
    assert page == (ROOT / 'docs' / 'results.md').read_text()
    assert '(stale)' not in page


@pytest.mark.slow
def test_results_of_other_settings_are_shown_as_stale(committed, tmp_path):
    shutil.copytree(METHOD / 'results', tmp_path / 'results')
    configs = tmp_path / 'results' / 'configs.jsonl'
    lines = [json.loads(line) for line in configs.read_text().splitlines()]
    for line in lines:
        if 'synthetic/train/COFW' in line['settings']['train_dataloader']['dataset'].get('data_root', ''):
            line['settings']['optim_wrapper']['optimizer']['lr'] = 0.05
    configs.write_text('\n'.join(map(json.dumps, lines)))
    page = committed(tmp_path / 'results')
    assert '| SepBN (stale) | 3 | ' in page
    assert '- SepBN (stale) against BN (stale): ' in page
    assert (
        'Stale, of other settings than today: BN, as many epochs (optim_wrapper.optimizer.lr was 0.05, is 0.04)' in page
    )
    assert lost_rows((ROOT / 'docs' / 'results.md').read_text(), page) == []


PAGE = """# Results

### First

| row | seeds | 300w NME % |
| --- | ---: | ---: |
| BN | 3 | 6.00 |
| SepBN | 3 | 5.00 |

| claim | 3 |
| --- | --- |
| BN | 3 |

### Second

| row | seeds | 300w NME % |
| --- | ---: | ---: |
| BN | 2 | 6.00 |
| later | 0 | not run |
"""


@pytest.mark.parametrize(
    ('old', 'new', 'lost'),
    [
        ('5.00', '4.00', []),
        ('| SepBN | 3 | 5.00 |\n', '', ['First: SepBN']),
        ('| SepBN | 3', '| SepBN | 2', ['First: SepBN']),
        ('| SepBN | 3', '| SepBN (stale) | 4', []),
        ('### Second', '### Other', ['Second: BN']),
        ('| later | 0 | not run |\n', '', []),
        ('| BN | 2 | 6.00 |', '', ['Second: BN']),
        ('| claim | 3 |\n| --- | --- |\n| BN | 3 |\n', '', []),
    ],
)
def test_rows_and_seeds_that_a_page_loses_are_found(old, new, lost):
    assert old in PAGE
    assert lost_rows(PAGE, PAGE.replace(old, new)) == lost


def test_a_page_that_would_lose_rows_stays(tmp_path):
    path = tmp_path / 'page.md'
    assert command.write_page(path, PAGE) == []
    [line] = command.write_page(path, PAGE.replace('SepBN', 'other'))
    assert line == f'{path} stays as it is, or it would lose rows (to drop them, delete it first): First: SepBN'
    assert path.read_text() == PAGE
    assert command.write_page(path, PAGE.replace('5.00', '4.00')) == []
    assert '4.00' in path.read_text()


def test_records_of_this_machine_come_to_the_results(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    results, records = tmp_path / 'results', Records(tmp_path / 'records', tmp_path / 'results')
    table = command.read_table(METHOD / 'tables' / 'real_groups.py', rows=['G = 1', 'G = 2'])
    tables = {'real_groups': (table, command.settle_rows(table, 0, tmp_path, records))}
    command.add_results(tables, results)
    assert not results.exists()
    first, second = (runs[0] for runs in tables['real_groups'][1].values())
    known = read_results(METHOD / 'results')[first.name]
    first.keep(known)
    command.add_results(tables, results)
    assert read_results(results) == {first.name: known}
    second.keep(known | dict(row=second.name.row))  # of other settings
    command.add_results(tables, results)
    shown = command.measured(tables, results)['real_groups']
    assert shown.stale == {'G = 2': 'model.backbone.norm_cfg.num_groups was 1, is 2'}
    assert [len(shown.records[row]) for row in ('G = 1', 'G = 2')] == [1, 1]


def test_the_readme_quotes_means_that_the_page_has():
    section = (ROOT / 'README.md').read_text().partition('## Does it work?')[2].partition('\n## ')[0]
    means = re.findall(r'\d+\.\d+ ± \d+\.\d+', section)
    page = (ROOT / 'docs' / 'results.md').read_text()
    assert means
    assert [mean for mean in means if f'| {mean} |' not in page] == []
