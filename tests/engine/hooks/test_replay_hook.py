"""Stage 2 with replay as a whole training: its teacher, its checkpoints, going on from one, and what it refuses."""

import shutil
import uuid
from pathlib import Path

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.engine.checked_runner import CheckedRunner

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


@pytest.fixture(scope='module')
def stage_1(tmp_path_factory):
    """The checkpoint of an untrained network with branches for WFLW and COFW, of weights that are not round."""
    path = tmp_path_factory.mktemp('stage_1') / 'epoch_1.pth'
    config = Config.fromfile(TINY).model
    config.head.protocols = ['wflw', 'cofw']
    save(path, config, seed=1)
    return path


def save(path, config, seed):
    init_default_scope('mmpose')
    torch.manual_seed(seed)
    torch.save(dict(state_dict=MODELS.build(config).state_dict(), meta={}), path)


@pytest.fixture
def config(synthetic_faces, tmp_path, stage_1, monkeypatch):
    """Two epochs on WFLW of a network with branches for WFLW and COFW."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    config = Config.fromfile(TINY)
    config.model.type = 'mmsepbn.ReplayEstimator'
    config.model.head.protocols = ['wflw', 'cofw']
    config.custom_hooks = [dict(type='mmsepbn.ReplayHook')]
    config.train_cfg.max_epochs = 2
    config.val_cfg = config.val_dataloader = config.val_evaluator = None
    config.merge_from_dict(dict(work_dir=str(tmp_path / 'run'), load_from=str(stage_1), temperature=None))
    return config


def train(config, **changes):
    config = Config(config.to_dict() | changes | dict(experiment_name=uuid.uuid4().hex))
    runner = CheckedRunner.from_cfg(config)
    runner.train()
    return runner


def content(folder, name='epoch_2.pth'):
    return torch.load(Path(folder) / name, weights_only=False)


@pytest.mark.slow
def test_stage_1_is_replayed_and_the_training_goes_on_exactly(config, stage_1, tmp_path):
    runner = train(config)
    first = torch.load(stage_1)['state_dict']
    assert all(torch.equal(value, first[name]) for name, value in runner.model.teacher.state_dict().items())
    whole = content(config.work_dir)
    assert whole['state_dict'].keys() == first.keys()
    assert whole['replay']['load_from'] == str(stage_1)
    assert not torch.equal(whole['state_dict']['head.branches.cofw.fc.weight'], first['head.branches.cofw.fc.weight'])

    halfway = dict(load_from=str(Path(config.work_dir) / 'epoch_1.pth'), resume=True, work_dir=str(tmp_path / 'again'))
    train(config, **halfway)
    again = content(halfway['work_dir'])
    assert all(torch.equal(value, again['state_dict'][name]) for name, value in whole['state_dict'].items())
    assert again['replay'] == whole['replay']

    for spoiled, message in (
        (lambda: save(stage_1, config.model | dict(type='TopdownPoseEstimator'), seed=2), 'holds other weights than'),
        (stage_1.unlink, f'{stage_1}, the checkpoint of stage 1 that ReplayHook replays, does not exist'),
    ):
        kept = shutil.copy(stage_1, tmp_path / 'kept.pth')
        spoiled()
        with pytest.raises(CheckpointError, match=message):
            train(config, **halfway)
        shutil.move(kept, stage_1)


def test_what_it_cannot_start_from_is_refused(config, stage_1, tmp_path):
    with pytest.raises(CheckpointError, match=r'ReplayHook needs load_from=, the checkpoint of stage 1.* Got None'):
        train(config, load_from=None)
    one = tmp_path / 'one.pth'
    model = config.model.to_dict() | dict(type='TopdownPoseEstimator')
    save(one, Config(model | dict(head={**model['head'], 'protocols': ['wflw']})), seed=1)
    config.model.head.protocols = ['wflw']
    with pytest.raises(CheckpointError, match=r"needs branches of other protocols .* Got \['wflw'\] and \['wflw'\]"):
        train(config, load_from=str(one))
    config.model.type = 'TopdownPoseEstimator'
    with pytest.raises(CheckpointError, match=r"needs model\.type='mmsepbn\.ReplayEstimator'\. Got TopdownPose"):
        train(config, load_from=str(one))


def test_a_training_without_it_is_not_gone_on_with(config, stage_1):
    plain = dict(model=config.model.to_dict() | dict(type='TopdownPoseEstimator'), custom_hooks=[])
    config.train_cfg.max_epochs = 1
    train(config, **plain)
    last = str(Path(config.work_dir) / 'epoch_1.pth')
    config.train_cfg.max_epochs = 2
    with pytest.raises(CheckpointError, match='cannot be resumed with ReplayHook: it was trained without it'):
        train(config, load_from=last, resume=True)
