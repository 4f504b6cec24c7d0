import pytest
from helpers import ROOT, assert_named_once

from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import settle_all
from mmsepbn.experiments.table import Step, TableError, read_table

ABLATIONS = ROOT / 'configs' / 'ablations'
TABLES = sorted(ABLATIONS.glob('*.py'))
NETWORKS = ('vanilla', 'mobilenetv2', 'resnext50')


def write(tmp_path, text):
    path = tmp_path / 'table.py'
    path.write_text(text)
    return path


def test_rows_change_the_base_and_steps_may_name_their_own_config(tmp_path):
    path = write(
        tmp_path,
        "title = 'T'\nbase = 'a.py'\n"
        "rows = {'x': {'model.k': 1}, 'y': [dict(config='../b.py'), dict(options={'z': 2})]}",
    )
    table = read_table(path, options={'all': 0, 'z': 1})
    assert table.title == 'T'
    assert {row.name: row.steps for row in table.rows} == {
        'x': (Step(tmp_path / 'a.py', {'all': 0, 'z': 1, 'model.k': 1}, 'table', 'x'),),
        'y': (
            Step(tmp_path / '../b.py', {'all': 0, 'z': 1}, 'table', 'y'),
            Step(tmp_path / 'a.py', {'all': 0, 'z': 2}, 'table', 'y', number=2),
        ),
    }


def test_runs_on_another_base_have_names_of_their_own(tmp_path):
    path = write(tmp_path, "title = 'T'\nbase = 'a.py'\nrows = {'x': {}, 'y': [dict(table='t', row='r')]}")
    bases = ('other.py', 'configs/demo/other.py', 'here/configs/demo/other.py')
    names = [[(row.steps[0].table, str(row.steps[0].config)) for row in read_table(path, base).rows] for base in bases]
    assert names == [
        [('table, other', bases[0]), ('t, other', bases[0])],
        [('table, demo/other', bases[1]), ('t, demo/other', bases[1])],
        [('table, demo/other', bases[2]), ('t, demo/other', bases[2])],
    ]


def test_another_base_is_that_of_the_steps_that_take_it_and_of_one_at_least(tmp_path):
    path = write(
        tmp_path,
        "title = 'T'\nbase = 'a.py'\nconfigs = {'c': 'c.py'}\n"
        "rows = {'x': [dict(config='b.py'), {}], 'y': [dict(config='b.py')], 'z': [dict(config='c')]}",
    )
    row, *_ = read_table(path, 'other.py').rows
    assert [(step.table, step.config.name) for step in row.steps] == [('table', 'b.py'), ('table, other', 'other.py')]
    with pytest.raises(TableError, match=r'base must be left out where all steps .* Got other\.py'):
        read_table(path, 'other.py', rows=['y', 'z'])


def test_steps_may_call_for_configs_and_steps_by_the_tables_names(tmp_path):
    steps = """[
        dict(config='first'),
        dict(config='c.py', row='of c'),
        dict(config='second', options={'k': 1}, row='b'),
        dict(config='third'),
    ]"""
    (tmp_path / 'rows.py').write_text(f"rows = {{'x': {steps}}}")
    configs = """dict(
        first='../b.py',
        second=dict(config='d.py', options={'k': 0, 'm': 0}, table='shared'),
        third=dict(options={'k': 3}),
    )"""
    path = write(tmp_path, f"_base_ = 'rows.py'\ntitle = 'T'\nbase = 'a.py'\nconfigs = {configs}\noptions = {{'k': 9}}")
    (row,) = read_table(path).rows
    assert row.steps == (
        Step(tmp_path / '../b.py', {'k': 9}, 'table', 'x'),
        Step(tmp_path / 'c.py', {'k': 9}, 'table', 'of c', number=2),
        Step(tmp_path / 'd.py', {'k': 1, 'm': 0}, 'shared', 'b', number=3),
        Step(tmp_path / 'a.py', {'k': 3}, 'table', 'x', number=4),
    )


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            "title = 'T'\nrows = {}",
            r"table.py must state \('title', 'base', 'rows'\) and may state .* Got \('title', 'rows'\)",
        ),
        ("title = 'T'\nbase = 'a'\nrows = {}\nrow = 1", r'must state'),
        ("title = 'T'\nbase = 'a'\nrows = {}\nsplit = 'train'", r"split must be one of \('val', 'test'\). Got 'train'"),
        (
            "title = 'T'\nbase = 'a'\nrows = {'x': {}}\ncomparisons = [('x', 'y')]",
            r"has the rows \['x'\]. Got \['y'\]",
        ),
        ("title = 'T'\nbase = 'a'\nrows = {'x': []}", r"every row needs at least one step. Got none for 'x'"),
        ("title = 'T'\nbase = 'a'\nrows = ['x']", r'rows must be a dict, name -> changes. Got list'),
        ("title = 'T'\nbase = 'a'\nrows = {'x': 3}", r"the row 'x' must be a dict of changes, or a list .* Got .*3"),
        ("title = 'T'\nbase = 'a'\nrows = {'x': [dict(option={})]}", r"the row 'x' must be .* Got \{'option': \{\}\}"),
        ("title = 'T'\nbase = 'a'\nrows = {'x': [3]}", r"the row 'x' must be .* Got 3"),
        (
            "title = 'T'\nbase = 'a'\nrows = {'x': [dict(config=3)]}",
            r"the row 'x' must be .* Got \{'config': 3\}",
        ),
        ("title = 3\nbase = 'a'\nrows = {}", r'table.py: title must be text. Got 3\.'),
        ("title = 'T'\nbase = 3\nrows = {}", r'table.py: base must be a config. Got 3\.'),
        ("title = 'T'\nbase = 'a'\nrows = {}\noptions = ['x']", r"options must be a dict, .* Got \['x'\]\."),
        ("title = 'T'\nbase = 'a'\nrows = {}\nconfigs = ['x']", r"configs must be a dict, .* Got \['x'\]\."),
        ("title = 'T'\nbase = 'a'\nrows = {}\nconfigs = {'x': 3}", r"configs must be a dict, .* Got \{'x': 3\}\."),
        (
            "title = 'T'\nbase = 'a'\nrows = {}\ncomparisons = [('a', 'b', 'c')]",
            r"comparisons must be pairs of names of rows\. Got \[\('a', 'b', 'c'\)\]\.",
        ),
        ("title = 'T'\nbase = 'a'\nrows = {}\ncomparisons = 'ab'", r"comparisons must be .* Got 'ab'\."),
        ("title = 'T", r'table.py cannot be read: SyntaxError'),
    ],
)
def test_a_wrong_table_is_named(tmp_path, text, message):
    with pytest.raises(TableError, match=message):
        read_table(write(tmp_path, text))


def test_unknown_rows_and_files_are_named(tmp_path):
    path = write(tmp_path, "title = 'T'\nbase = 'a.py'\nrows = {'x': {}}")
    with pytest.raises(TableError, match=r"has the rows \['x'\]. Got \['z'\]"):
        read_table(path, rows=['z'])
    with pytest.raises(TableError, match=r'There is no table .*none.py'):
        read_table(tmp_path / 'none.py')


def test_rows_of_the_papers_tables_that_are_one_run_have_one_name(tmp_path):
    rows = [row.steps for path in TABLES for row in read_table(path).rows]
    assert_named_once([run for steps in rows for run in settle_all(steps, 0, tmp_path, Records(tmp_path))])


def test_three_networks_are_compared_by_their_configs_and_share_stage_1_between_sets():
    norms = [(cnt, norm, net) for net in NETWORKS for norm in ('bn', 'sepbn') for cnt in (False, True)]
    for name in ('cofw', 'aflw', 'wflw'):
        rows = read_table(ABLATIONS / f'compared_{name}.py').rows
        assert [[step.config.stem for step in row.steps] for row in rows] == [
            [f'cnt_{norm}_{net}', f'cnt_{norm}_{net}_{name}'] if cnt else [f'{norm}_{net}_{name}']
            for cnt, norm, net in norms
        ]
        first = [(row.steps[0].table, row.steps[0].row) for row in rows if len(row.steps) > 1]
        assert first == [('cnt', f'{norm}_{net}') for cnt, norm, net in norms if cnt]


@pytest.mark.parametrize('path', TABLES, ids=[path.stem for path in TABLES])
def test_the_papers_tables_name_configs_that_exist(path):
    for row in read_table(path).rows:
        assert all(step.config.is_file() for step in row.steps)


@pytest.mark.parametrize('key', ['split', 'part'])  # as it was called before
def test_split_and_comparisons_of_kept_rows(tmp_path, key):
    path = write(
        tmp_path,
        "title = 'T'\nbase = 'a.py'\nrows = {'x': {}, 'y': {}, 'z': {}}\n"
        f"{key} = 'val'\ncomparisons = [('x', 'y'), ('z', 'y')]",
    )
    assert read_table(path).split == 'val'
    assert read_table(path).comparisons == (('x', 'y'), ('z', 'y'))
    assert read_table(path, rows=['x', 'y']).comparisons == (('x', 'y'),)


def test_options_for_every_step_come_before_those_of_the_caller_and_of_the_row(tmp_path):
    (tmp_path / 'base.py').write_text("shared = dict(norm={'norm': 'SepBN', 'a': 0})\nrows = {'x': {'b': 2}, 'y': {}}")
    path = write(
        tmp_path, "_base_ = 'base.py'\ntitle = 'T'\nbase = 'a.py'\noptions = {**_base_.shared.norm, 'b': 0, 'c': 0}"
    )
    steps = {row.name: row.steps[0].options for row in read_table(path, options={'c': 1}).rows}
    assert steps == {
        'x': {'norm': 'SepBN', 'a': 0, 'b': 2, 'c': 1},
        'y': {'norm': 'SepBN', 'a': 0, 'b': 0, 'c': 1},
    }
