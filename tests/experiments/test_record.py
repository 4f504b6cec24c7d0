import json
from pathlib import Path

import pytest

from mmsepbn.experiments.record import RecordError, RunName, read_record, write_record

NAME = RunName('tables', 'K = 3, wide', 1, 3)
LAYER = dict(deviation=0.1, by_pose=0.5, by_subset=dict(blur=0.1), similarity=dict(scale=0.9, shift=-0.1))


def make(**changes):
    record = dict(
        table='tables',
        row='K = 3, wide',
        step=1,
        seed=3,
        metrics=dict(test={'300w/NME': 5.5, '300w/FR_0.10': 8.0, '300w/AUC_0.10': 0.5}),
        attention=dict(test=dict(layers=dict(a=LAYER), mean_ablated={'300w/NME': 6.0})),
        curve=[9.0, None, 3.0],
        parameters=1000,
        macs=2000,
        config=dict(model=dict(widths=[4, 8]), train_cfg=dict(max_epochs=3)),
    )
    return record | changes


def read(path):
    return read_record(path, NAME)


def test_a_record_comes_back(tmp_path):
    path = tmp_path / 'new' / 'a-s3.json'
    write_record(path, make(), NAME)
    assert read(path) == make()
    assert [file.name for file in path.parent.iterdir()] == ['a-s3.json']


def test_a_metric_of_a_user_may_be_any_finite_number(tmp_path):
    record = make(metrics=dict(test={'mine/R2': -0.5, 'PCK': 250.0}))
    write_record(tmp_path / 'a.json', record, NAME)
    assert read(tmp_path / 'a.json') == record


def without(key):
    record = make()
    del record[key]
    return record


WRONG = {
    'list': ([], 'must be an object. Got list'),
    'another table': (make(table='b'), "its table must be 'tables'. Got 'b'"),
    'another row': (make(row='K = 4'), "its row must be 'K = 3, wide'. Got 'K = 4'"),
    'another step': (make(step=2), 'its step must be 1. Got 2'),
    'another seed': (make(seed=4), 'its seed must be 3. Got 4'),
    'bool for a step': (make(step=True), 'its step must be 1. Got True'),
    'no seed': (without('seed'), 'its seed must be 3. Got None'),
    'no config': (without('config'), 'metrics, attention and config must be objects'),
    'a config without epochs': (make(config={}), 'its config lacks train_cfg.max_epochs'),
    'text for metrics': (make(metrics='5.5'), 'metrics, attention and config must be objects'),
    'metrics of no split': (
        make(metrics=dict(train={'a/NME': 1.0})),
        r"metrics must be of \('val', 'test'\). Got 'train'",
    ),
    'no metrics in a split': (make(metrics=dict(test={})), 'metrics must be of'),
    'text for a metric': (make(metrics=dict(test={'a/NME': '5'})), 'test: a/NME must be a number of at least 0'),
    'bool for a metric': (make(metrics=dict(test={'a/NME': True})), 'test: a/NME must be a number'),
    "text for a user's metric": (make(metrics=dict(test={'mine/R2': '5'})), "mine/R2 must be a finite number. Got '5'"),
    'an error below 0': (make(metrics=dict(test={'a/NME': -1.0})), 'test: a/NME must be a number of at least 0'),
    'a rate above 100': (make(metrics=dict(test={'a/FR_0.10': 101.0})), 'a/FR_0.10 must be .* at most 100. Got 101'),
    'an area above 1': (make(metrics=dict(test={'a/AUC_0.10': 1.1})), 'a/AUC_0.10 must be .* at most 1. Got 1.1'),
    'no curve': (without('curve'), 'curve must be 3 numbers'),
    'half a curve': (make(curve=[9.0, 5.0]), 'curve must be 3 numbers'),
    'text in the curve': (make(curve=[9.0, 5.0, 'a']), 'curve must be 3 numbers'),
    'no parameters': (without('parameters'), 'parameters must be a number above 0. Got None'),
    'no operations': (without('macs'), 'macs must be a number above 0. Got None'),
    'half an attention': (make(attention=dict(test=dict(layers=dict(a=LAYER)))), "the attention lacks 'mean_ablated'"),
    'no similarity': (
        make(attention=dict(test=dict(layers=dict(a={**LAYER, 'similarity': {}}), mean_ablated={'a/NME': 1.0}))),
        "the attention lacks 'scale'",
    ),
    'no number in the attention': (
        make(attention=dict(test=dict(layers=dict(a={**LAYER, 'by_pose': None}), mean_ablated={'a/NME': 1.0}))),
        'the attention must be numbers',
    ),
}


@pytest.mark.parametrize(('record', 'message'), WRONG.values(), ids=WRONG)
def test_what_is_not_the_record_of_the_run_is_neither_read_nor_written(tmp_path, record, message):
    path = tmp_path / 'a-s3.json'
    path.write_text(json.dumps(record))
    with pytest.raises(RecordError, match=message):
        read(path)
    with pytest.raises(RecordError, match=message):
        write_record(tmp_path / 'new.json', record, NAME)
    assert not (tmp_path / 'new.json').exists()


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('5.5', 'NaN', 'NaN is no number'),
        ('5.5', '-Infinity', '-Infinity is no number'),
        ('5.5', '1e999', '1e999 is no number'),
        ('"curve"', '"seed"', "the key 'seed' appears twice in an object"),
        ('"tables"', '"\udcff"', 'codec'),
        ('{"table"', '[' * 100000 + '{"table"', 'recursion'),
    ],
)
def test_damaged_files_are_told(tmp_path, old, new, message):
    text = json.dumps(make())
    assert old in text
    path = tmp_path / 'a-s3.json'
    path.write_bytes(text.replace(old, new, 1).encode(errors='surrogateescape'))
    with pytest.raises(RecordError, match=f'it cannot be read: .*{message}'):
        read(path)


def test_no_part_of_a_record_is_taken_for_the_whole(tmp_path):
    text, path = json.dumps(make()), tmp_path / 'a-s3.json'
    for end in range(len(text)):
        path.write_text(text[:end])
        with pytest.raises(RecordError):
            read(path)


def test_a_record_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / 'a-s3.json'
    write_record(path, make(), NAME)

    def full(*_):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('os.fsync', full)
    with pytest.raises(OSError, match='No space left'):
        write_record(path, make(curve=[1.0] * 3), NAME)
    assert read(path) == make()
    assert [file.name for file in tmp_path.iterdir()] == ['a-s3.json']


def test_a_run_is_named_in_words_and_by_a_path():
    assert str(NAME) == 'tables: K = 3, wide, seed 3'
    assert NAME.path == Path('tables', 'K_=_3_wide-s3')
    assert str(RunName('a', 'b', 2, 0)) == 'a: b, step 2, seed 0'
    assert RunName('a, demo/b', '../c', 2, 0).path == Path('a_demo_b', '_._c-step2-s0')
