"""What records say of the face caches that their runs have read."""

from types import SimpleNamespace

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.dataset import ConcatDataset
from mmengine.registry import DATASETS, DefaultScope, init_default_scope

from mmsepbn.cli.face_caching import make_caches
from mmsepbn.datasets.face_cache.link import VARIABLE
from mmsepbn.experiments.face_caches import face_caches
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import settle
from mmsepbn.experiments.table import Step
from mmsepbn.experiments.train_and_measure import measure, train

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


@pytest.fixture
def faces(synthetic_faces, tmp_path, monkeypatch):
    """The tiny config's data, and a folder with caches of its training faces, of 2 pixels to one of a crop, raw."""
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(TINY)
    init_default_scope('mmpose')
    list(make_caches(config, tmp_path / 'caches', 2, None))
    (path,) = (tmp_path / 'caches').iterdir()
    read = {path.stem: dict(pixels=256.0, quality=None)}
    return SimpleNamespace(config=config, folder=tmp_path / 'caches', read=read)


def test_caches_are_found_within_wrappers(faces, monkeypatch):
    plain = DATASETS.build(faces.config.train_dataloader.dataset)
    monkeypatch.setenv(VARIABLE, str(faces.folder))
    cached, test = (DATASETS.build(faces.config[f'{split}_dataloader'].dataset) for split in ('train', 'test'))
    assert face_caches(plain) is face_caches(test) is face_caches([1, 2]) is None
    assert face_caches(ConcatDataset([plain, cached, test])) == faces.read


@pytest.mark.slow
def test_a_record_says_what_its_run_has_read(faces, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(faces.folder))
    step = Step(TINY, {'train_cfg.max_epochs': 1}, 'table', 'row', 1)
    run = settle(step, 0, tmp_path / 'runs', Records(tmp_path / 'records'))
    train(run)
    measure(run, 'test')
    record = run.measured('test')
    assert record['face_cache'] == faces.read
    monkeypatch.delenv(VARIABLE)
    assert not run.stale()
    del record['face_cache']  # as older records are
    run.keep(record)
    assert run.measured('test') == record
