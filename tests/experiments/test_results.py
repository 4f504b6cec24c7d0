import json
import multiprocessing

import pytest

from mmsepbn.experiments.record import RecordError, RunName
from mmsepbn.experiments.results import changed_results, read_results, write_results

LAYER = dict(deviation=1 / 3, by_pose=0.5, by_subset={}, similarity=dict(scale=0.9, shift=-2 / 3))


def made(row, seed, nme, epochs=2, **more):
    name = RunName('table', row, 1, seed)
    return name, dict(
        table='table',
        row=row,
        step=1,
        seed=seed,
        metrics=dict(test={'300w/NME': nme}),
        attention=dict(test=dict(layers=dict(a=LAYER), mean_ablated={'300w/NME': nme})),
        curve=[9.0, None],
        parameters=1_234_567,
        macs=2,
        load_from='/of/this/machine/epoch_1.pth',
        config=dict(train_cfg=dict(max_epochs=epochs), lr=1e-10, row=row),
        **more,
    )


RECORDS = dict([made('b', 1, 6.123456789), made('a', 10, 5.0), made('a', 2, 1e-9), made('b', 0, 2.0)])


def test_records_come_back_to_five_decimals_a_line_for_each_run_and_config(tmp_path):
    write_results(tmp_path / 'new', RECORDS)
    runs = [json.loads(line) for line in (tmp_path / 'new' / 'runs.jsonl').read_text().splitlines()]
    configs = [json.loads(line) for line in (tmp_path / 'new' / 'configs.jsonl').read_text().splitlines()]
    assert [(run['row'], run['seed']) for run in runs] == [('a', 2), ('a', 10), ('b', 0), ('b', 1)]
    assert [config['settings']['row'] for config in configs] == ['a', 'b']
    assert [run['config'] for run in runs] == [configs[0]['config']] * 2 + [configs[1]['config']] * 2
    found = read_results(tmp_path / 'new')
    assert set(found) == set(RECORDS)
    last = found[RunName('table', 'b', 1, 1)]
    assert last['metrics']['test'] == {'300w/NME': 6.12346}
    assert last['attention']['test']['layers']['a'] | dict(by_subset=0) == dict(
        deviation=0.33333, by_pose=0.5, by_subset=0, similarity=dict(scale=0.9, shift=-0.66667)
    )
    assert last['config'] == RECORDS[RunName('table', 'b', 1, 1)]['config']  # a learning rate is not rounded
    assert (last['parameters'], last['curve']) == (1_234_567, [9.0, None])
    assert 'load_from' not in last


def test_what_is_written_again_is_the_same(tmp_path):
    write_results(tmp_path / 'first', RECORDS)
    write_results(tmp_path / 'second', read_results(tmp_path / 'first'))
    for name in ('runs.jsonl', 'configs.jsonl'):
        assert (tmp_path / 'first' / name).read_bytes() == (tmp_path / 'second' / name).read_bytes()


def test_a_folder_without_results_has_none_and_later_ones_are_seen(tmp_path):
    assert read_results(tmp_path) == {}
    write_results(tmp_path, RECORDS)
    assert len(read_results(tmp_path)) == 4
    write_results(tmp_path, dict([made('a', 0, 1.0)]))
    assert len(read_results(tmp_path)) == 1


@pytest.mark.parametrize(
    ('file', 'old', 'new', 'message'),
    [
        ('runs', '2.0', 'NaN', r'runs.jsonl:3: it cannot be read: NaN is no number'),
        ('runs', '"seed": 10', '"seed": 2', r'runs.jsonl:2: table: a, seed 2 appears twice'),
        ('runs', '"row": "a", ', '', r"runs.jsonl:1: it must be an object with \('table', 'row'"),
        ('runs', '"step": 1', '"step": true', r'runs.jsonl:1: its step must be True'),
        ('runs', '"curve": [9.0, null]', '"curve": [9.0]', r'runs.jsonl:1: curve must be 2 numbers'),
        ('runs', '}\n{', '}\n[', r'runs.jsonl:2: it cannot be read'),
        ('configs', '"config": "', '"config": "x', r'runs.jsonl:1: metrics, attention and config must be objects'),
        ('configs', '"settings"', '"setting"', r'configs.jsonl:1: it must be an object'),
        (
            'runs',
            '"row": "a"',
            '"row": "\udcff"',
            r"runs.jsonl:1: it cannot be read: 'utf-8' codec can't decode byte 0xff",
        ),
        ('runs', '"seed": 10', '"seed": [10]', r"runs.jsonl:2: \['seed'\] must be names or numbers"),
        ('configs', '"config": "', '"config": {}, "b": "', r"configs.jsonl:1: \['config'\] must be names or numbers"),
    ],
)
def test_a_damaged_line_is_named(tmp_path, file, old, new, message):
    write_results(tmp_path, RECORDS)
    path = tmp_path / f'{file}.jsonl'
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1), errors='surrogateescape')
    with pytest.raises(RecordError, match=message):
        read_results(tmp_path)


def add(folder, row, begun, go_on):
    with changed_results(folder) as records:
        begun.set()
        assert go_on.wait(300)
        records.update([made(row, 0, 1.0)])


def test_two_processes_that_change_the_results_lose_nothing(tmp_path):
    """The second waits for the first, and begins with what that has written."""
    context = multiprocessing.get_context('fork')
    begun, go_on = [[context.Event() for _ in range(2)] for _ in range(2)]
    processes = []
    for place, row in enumerate('ab'):
        processes.append(context.Process(target=add, args=(tmp_path / 'results', row, begun[place], go_on[place])))
        processes[place].start()
        go_on[1].set()
        assert place or begun[0].wait(300)
    assert not begun[1].wait(1)
    go_on[0].set()
    for process in processes:
        process.join(300)
    assert {name.row for name in read_results(tmp_path / 'results')} == {'a', 'b'}
    assert {path.name for path in (tmp_path / 'results').iterdir()} == {'runs.jsonl', 'configs.jsonl'}
