"""A training is resumed with the optimizer that it had."""

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from toy_rates import POLY, train
from toy_training import toy_runner

from mmsepbn.checkpoints.file import CheckpointError

SGD = dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
ADAM = dict(optimizer=dict(type='Adam', lr=0.1))
SPLIT = SGD | dict(paramwise_cfg=dict(custom_keys={'backbone.0': dict(lr_mult=0.1)}))


def run(folder, settings, **start):
    """As of a config with the settings as ``optim_wrapper``."""
    runner = toy_runner(folder, epochs=2, cfg=Config(dict(optim_wrapper=settings)), **start)
    runner.optim_wrapper = build_optim_wrapper(runner.model, Config(settings)._cfg_dict)
    runner.train()


@pytest.mark.parametrize(
    ('before', 'after', 'message'),
    [
        (SGD, ADAM, 'config has Adam with groups of 4 parameters, the checkpoint SGD with groups of 4 parameters.'),
        (ADAM, SGD, 'config has SGD with groups of 4 parameters, the checkpoint Adam with groups of 4 parameters.'),
        (SGD, SPLIT, 'config has SGD with groups of 1, 1, 1, 1 parameters, the checkpoint SGD with groups of 4 param'),
        (SPLIT, SGD, 'config has SGD with groups of 4 parameters, the checkpoint SGD with groups of 1, 1, 1, 1 param'),
    ],
    ids=['adam', 'sgd', 'more groups', 'fewer groups'],
)
def test_another_optimizer_or_other_groups_are_named(tmp_path, before, after, message):
    run(tmp_path / 'before', before)
    start = str(tmp_path / 'before' / 'epoch_1.pth')
    run(tmp_path / 'same', before | dict(type='OptimWrapper'), resume=True, load_from=start)
    with pytest.raises(CheckpointError, match=f'^The checkpoint cannot be resumed: the {message}') as refusal:
        run(tmp_path / 'after', after, resume=True, load_from=start)
    assert str(refusal.value).endswith('Start a new training from it with load_from.')
    run(tmp_path / 'new', after, load_from=start)


@pytest.mark.parametrize(
    ('before', 'after', 'message'),
    [
        ('sgd', 'two', 'an optimizer named first .* 2 parameters and an optimizer named second .*, the checkpoint an'),
        ('two', 'sgd', 'config has an optimizer with groups of 4 parameters, the checkpoint an optimizer named first'),
        ('sgd', 'split', 'an optimizer with groups of 2, 2 parameters, the checkpoint an optimizer with groups of 4'),
    ],
)
def test_optimizers_of_no_config_are_compared_by_their_parameters(tmp_path, before, after, message):
    train(tmp_path / 'before', 1, POLY, kind=before)
    start = dict(resume=True, load_from=str(tmp_path / 'before' / 'epoch_1.pth'))
    with pytest.raises(CheckpointError, match=message):
        train(tmp_path / 'after', 2, POLY, kind=after, **start)


def test_a_state_of_no_optimizer_is_refused(tmp_path):
    train(tmp_path / 'before', 1, POLY)
    content = torch.load(tmp_path / 'before' / 'epoch_1.pth', weights_only=False)
    content['optimizer'] = {}
    torch.save(content, tmp_path / 'x.pth')
    with pytest.raises(CheckpointError, match=r'an optimizer with groups of 4 parameters, the checkpoint none\.'):
        train(tmp_path / 'after', 2, POLY, resume=True, load_from=str(tmp_path / 'x.pth'))
