import copy
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import EarlyStoppingHook, EMAHook
from mmengine.optim import ConstantLR
from torch import nn
from toy_training import Scores, Toy, assert_same, loader_of, toy_runner, weights

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.engine import ExactCheckpointHook
from mmsepbn.engine.hooks import exact_checkpoint_hook
from mmsepbn.models import SepBN


def load(model, other):
    ExactCheckpointHook().after_load_checkpoint(SimpleNamespace(model=model), dict(state_dict=other.state_dict()))


def test_the_models_own_checkpoint_passes():
    load(nn.Sequential(nn.Conv2d(3, 8, 1), SepBN(8)), nn.Sequential(nn.Conv2d(3, 8, 1), SepBN(8)))


def test_a_published_checkpoint_is_tested_in_float32():
    """Its weights are in half precision; a training does not go on from such."""
    model = nn.Sequential(nn.Conv2d(3, 8, 1), SepBN(8))
    content = dict(
        state_dict={name: value.half() if value.ndim > 1 else value for name, value in model.state_dict().items()}
    )
    half = copy.deepcopy(content)
    ExactCheckpointHook().after_load_checkpoint(SimpleNamespace(model=model), content)
    assert content['state_dict']['0.weight'].dtype == torch.float32
    assert torch.equal(content['state_dict']['0.weight'], half['state_dict']['0.weight'].float())
    resumed = SimpleNamespace(model=model, _resume=True)
    with pytest.raises(CheckpointError, match=r'^The checkpoint has no training state.* load_from uses'):
        ExactCheckpointHook().after_load_checkpoint(resumed, dict(half))
    half |= dict(meta=dict(epoch=1, iter=4), message_hub={}, optimizer={})
    with pytest.raises(CheckpointError, match=r'0\.weight is torch\.float16 instead of torch\.float32'):
        ExactCheckpointHook().after_load_checkpoint(resumed, half)


def test_a_runners_second_hook_does_not_compare_again(monkeypatch):
    compared = []
    real = exact_checkpoint_hook.require_exact
    monkeypatch.setattr(exact_checkpoint_hook, 'require_exact', lambda *states: compared.append(real(*states)))
    model = nn.Linear(2, 2)
    runner = SimpleNamespace(model=model, hooks=[nn.Identity(), ExactCheckpointHook(), ExactCheckpointHook()])
    for hook in runner.hooks[1:]:
        hook.after_load_checkpoint(runner, dict(state_dict=model.state_dict()))
    assert len(compared) == 1


def test_another_networks_checkpoint_is_refused():
    with pytest.raises(CheckpointError, match=r'0.weight is \(4, 3, 1, 1\) instead of \(8, 3, 1, 1\)'):
        load(nn.Sequential(nn.Conv2d(3, 8, 1)), nn.Sequential(nn.Conv2d(3, 4, 1)))
    with pytest.raises(CheckpointError, match=r'1.temperature is missing'):
        load(nn.Sequential(nn.ReLU(), SepBN(8)), nn.Sequential(nn.ReLU(), nn.BatchNorm2d(8)))


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    toy_runner(folder, epochs=1).train()
    return torch.load(folder / 'epoch_1.pth', weights_only=False)


def change(part, *path, to):
    """A change of a checkpoint's entry, or its removal where ``to`` is None."""

    def apply(content):
        target = content[part] if path else content
        for step in path[:-1]:
            target = target[step]
        key = path[-1] if path else part
        if to is None:
            del target[key]
        else:
            target[key] = to

    return apply


@pytest.mark.parametrize(
    ('spoil', 'message'),
    [
        (change('optimizer', to=None), 'has no training state.*it lacks optimizer'),
        (change('message_hub', to=[]), 'it lacks message_hub'),
        (change('meta', 'epoch', to='1'), r"meta\['epoch'\] must be a whole number from 0 on. Got '1'"),
        (change('meta', 'iter', to=-1), r"meta\['iter'\] must be a whole number from 0 on. Got -1"),
        (change('state_dict', 'backbone.0.bias', to=None), 'backbone.0.bias is missing'),
        (change('state_dict', 'backbone.0.bias', to=torch.full((4,), float('nan'))), 'backbone.0.bias is not finite'),
        (
            change('optimizer', 'state', 0, 'momentum_buffer', to=torch.full((4, 4), float('inf'))),
            'optimizer.state.0.momentum_buffer is not finite',
        ),
        (change('param_schedulers', to=[]), 'the config has 1 parameter schedules, the checkpoint 0'),
        (change('param_schedulers', to=[dict(step=1)]), 'or of other kinds'),
        (change('param_schedulers', to=None), 'the checkpoint none'),
    ],
)
def test_a_training_resumes_from_its_whole_state_alone(trained, tmp_path, spoil, message):
    content = copy.deepcopy(trained)
    spoil(content)
    torch.save(content, tmp_path / 'x.pth')
    runner = toy_runner(tmp_path / 'run', resume=True, load_from=str(tmp_path / 'x.pth'))
    with pytest.raises(CheckpointError, match=message):
        runner.train()


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        ([], 'has 1 parameter schedules of a and 1 parameter schedules of b, the checkpoint 0 parameter schedules, or'),
        (dict(a=[dict(step=1)], b=[]), 'the checkpoint 1 parameter schedules of a and 0 parameter schedules of b, or'),
        (None, 'the checkpoint none'),
        ({}, 'the checkpoint none'),
        (5, 'the checkpoint none'),
        (dict(a=1, b=None), 'the checkpoint none'),
    ],
)
def test_the_schedules_of_several_optimizers_have_to_fit(given, message):
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1)
    runner = SimpleNamespace(param_schedulers={name: [ConstantLR(optimizer)] for name in 'ab'})
    with pytest.raises(CheckpointError, match=message):
        ExactCheckpointHook._require_schedules(runner, given)


def test_training_with_averages_resumes_and_is_tested_exactly(tmp_path):
    """The state dict of such a checkpoint holds the average, ``ema_state_dict`` what was trained."""
    ema = dict(type='EMAHook', momentum=0.3)
    toy_runner(tmp_path / 'whole', [ema], epochs=2).train()
    toy_runner(tmp_path / 'run', [ema], epochs=1).train()
    toy_runner(tmp_path / 'run', [ema], epochs=2, resume=True, load_from=str(tmp_path / 'run' / 'epoch_1.pth')).train()
    for part in ('state_dict', 'ema_state_dict'):
        whole, resumed = (
            torch.load(tmp_path / run / 'epoch_2.pth', weights_only=False)[part] for run in ('whole', 'run')
        )
        assert_same(whole, resumed)
    average = weights(tmp_path / 'whole' / 'epoch_2.pth')
    with pytest.raises(CheckpointError, match=r'averaged weights .*only a config with EMAHook'):
        toy_runner(tmp_path / 'a', epochs=3, resume=True, load_from=str(tmp_path / 'run' / 'epoch_2.pth')).train()
    runner = toy_runner(tmp_path / 'b', scores=[1], load_from=str(tmp_path / 'run' / 'epoch_2.pth'))
    runner.val()
    assert_same(runner.model.state_dict(), average)
    runner = toy_runner(tmp_path / 'c', [ema], scores=[1], load_from=str(tmp_path / 'run' / 'epoch_2.pth'))
    runner.val()
    assert_same(runner.model.state_dict(), average)
    assert any(isinstance(hook, EMAHook) for hook in runner.hooks)


def test_a_test_whose_hooks_build_the_training_loop_is_exact(tmp_path):
    """EarlyStoppingHook looks at it before any run."""
    path = tmp_path / 'part.pth'
    torch.save(dict(state_dict=dict(list(Toy().state_dict().items())[1:]), meta={}), path)
    loader = loader_of(4) | dict(sampler=dict(type='DefaultSampler', shuffle=False))
    settings = dict(test_dataloader=loader, test_cfg=dict(), test_evaluator=[Scores([1.0])], load_from=str(path))
    runner = toy_runner(tmp_path / 'run', [EarlyStoppingHook('score', rule='less')], **settings)
    runner.optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))  # as in a config
    with pytest.raises(CheckpointError, match=r'backbone\.0\.weight is missing'):
        runner.test()
    assert runner._train_loop.stop_training is False


def test_averages_that_do_not_fit_are_refused(tmp_path):
    ema = dict(type='EMAHook')
    toy_runner(tmp_path, [ema], epochs=1).train()
    content = torch.load(tmp_path / 'epoch_1.pth', weights_only=False)
    del content['ema_state_dict']['module.backbone.0.bias']
    torch.save(content, tmp_path / 'x.pth')
    with pytest.raises(CheckpointError, match=r'backbone.0.bias is missing'):
        toy_runner(tmp_path, [ema], resume=True, load_from=str(tmp_path / 'x.pth')).train()
