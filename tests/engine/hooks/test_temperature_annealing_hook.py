import logging
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop
from mmpose.registry import MODELS as MMPOSE_MODELS
from torch import nn
from toy_training import Toy, toy_runner

from mmsepbn.engine import TemperatureAnnealingHook
from mmsepbn.engine.hooks.temperature_annealing_hook import annealed_temperature
from mmsepbn.models import SepBN
from mmsepbn.models.norms import sepbn

PAPER = dict(start=30, end=1, epochs=30)


def runner_at(epoch, model, *hooks, loop=EpochBasedTrainLoop, **config):
    logger = logging.getLogger('annealing')
    loop = object.__new__(loop)
    return SimpleNamespace(
        epoch=epoch, model=model, train_loop=loop, hooks=list(hooks), cfg=Config(config), logger=logger
    )


def anneal(runner):
    """As the Runner does with its hooks at the beginning of an epoch."""
    for hook in runner.hooks:
        hook.before_train(runner)
    for hook in runner.hooks:
        hook.before_train_epoch(runner)


def temperature(*hooks, epoch=0, **config):
    layer = SepBN(4, temperature=7.0)
    anneal(runner_at(epoch, layer, *hooks, **config))
    return layer.temperature.item()


def test_the_papers_schedule_falls_by_one_an_epoch_from_30_to_1():
    found = [annealed_temperature(epoch, **PAPER) for epoch in range(500)]
    assert found == pytest.approx([*range(30, 0, -1), *[1] * 470])
    assert [temperature(TemperatureAnnealingHook(), epoch=epoch) for epoch in (0, 10, 499)] == [30, 20, 1]


def test_other_ends_and_lengths():
    assert [annealed_temperature(e, start=10, end=4, epochs=4) for e in range(6)] == pytest.approx([10, 8, 6, 4, 4, 4])
    assert annealed_temperature(0, 30, 1, epochs=1) == 1


def test_resuming_at_epoch_12_equals_running_to_epoch_12():
    hook = TemperatureAnnealingHook()
    run, resumed = nn.Sequential(SepBN(4), SepBN(8)), nn.Sequential(SepBN(4), SepBN(8))
    for epoch in range(13):
        anneal(runner_at(epoch, run, hook))
    anneal(runner_at(12, resumed, TemperatureAnnealingHook()))
    assert [layer.temperature.item() for layer in run] == [18.0, 18.0]
    assert [layer.temperature.item() for layer in resumed] == [18.0, 18.0]


@pytest.mark.parametrize(
    ('stored', 'epochs', 'said'),
    [(21.0, 30, ''), (20.0, 30, ''), (1.0, 30, '1 in the checkpoint and 20 from here on'), (21.0, 3, '21 in the che')],
    ids=['after an epoch', 'within one', 'longer', 'shorter'],
)
def test_a_resumed_training_whose_temperature_leaps_says_so(stored, epochs, said, caplog):
    """After ten epochs T was 21, in the next it is 20."""
    anneal(runner_at(10, SepBN(4, temperature=stored), TemperatureAnnealingHook(epochs=epochs)))
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [said in line for line in warned] == [True] * bool(said)


LEAP = '1 in the checkpoint and 30 from here on, as in a training from scratch; with temperature=None'
ANNEALED = SepBN(4, temperature=1.0)


@pytest.mark.parametrize(
    ('norm', 'settings', 'own', 'said'),
    [
        (ANNEALED, dict(), False, [f'The temperature of SepBN is {LEAP} it stays.']),
        (
            ANNEALED,
            dict(),
            True,
            [f'The temperature of SepBN is {LEAP} and no TemperatureAnnealingHook in custom_hooks it stays.'],
        ),
        (ANNEALED, dict(epochs=1), False, []),
        (ANNEALED, None, False, []),
        (nn.BatchNorm2d(4), dict(start=10.0), False, []),
        (None, dict(start=10.0), False, []),
    ],
    ids=['default hook', 'own hook', 'same', 'stays', 'batch norm', 'new'],
)
def test_a_training_that_throws_the_temperature_of_its_start_away_says_so(norm, settings, own, said, tmp_path):
    model = Toy()
    model.backbone = nn.ModuleList([SepBN(4)])
    model.forward = lambda x, mode: dict(loss=model.backbone[0](torch.stack(list(x))[:, :, None, None]).square().mean())
    hook = TemperatureAnnealingHook(**settings) if own else TemperatureAnnealingHook(from_config=True)
    start = None
    if norm is not None:
        start = str(tmp_path / 'x.pth')
        torch.save(nn.ModuleDict(dict(backbone=nn.ModuleList([norm]))).state_dict(), start)
    config = Config(dict(temperature=settings))
    runner = toy_runner(tmp_path / 'run', [hook], epochs=1, model=model, load_from=start, cfg=config)
    warnings = []
    runner.logger.warning = warnings.append
    runner.train()
    assert [line for line in warnings if 'The temperature of SepBN is' in line] == said


def test_the_default_hook_does_what_the_config_says():
    def default(epoch, **config):
        return temperature(TemperatureAnnealingHook(from_config=True), epoch=epoch, **config)

    assert default(3, temperature=dict()) == 27
    assert default(3) == 7  # as a config that was written before there was this key
    assert default(3, temperature=dict(epochs=5)) == 30 - 29 * 3 / 4
    assert default(3, temperature=dict(start=10, end=4, epochs=4)) == 4
    assert default(3, temperature=None) == 7


def test_a_hook_of_the_user_counts_and_not_the_default_one(caplog):
    default, own = TemperatureAnnealingHook(from_config=True), TemperatureAnnealingHook(epochs=3)
    with caplog.at_level(logging.INFO):
        for hooks in ((default, own), (own, default)):
            assert temperature(*hooks, epoch=1, temperature=dict(epochs=5)) == 15.5
            assert temperature(*hooks, epoch=1, temperature=None) == 15.5
    assert 'the one in custom_hooks is used' in caplog.text
    for twice in ((own, TemperatureAnnealingHook()), (default, TemperatureAnnealingHook(from_config=True))):
        with pytest.raises(ValueError, match='The config has two TemperatureAnnealingHooks'):
            temperature(*twice)


def test_custom_hooks_of_another_kind_leave_the_default_one(tmp_path):
    """A whole Runner: T is set in each epoch, and EMA comes besides."""
    model = Toy()
    model.backbone.add_module('norm', SepBN(4))
    seen = []

    class Watch(EMAHook):
        def after_train_epoch(self, runner):
            super().after_train_epoch(runner)
            seen.append(model.backbone.norm.temperature.item())

    model.backbone.forward = lambda x: model.backbone[1](model.backbone[0](x))
    default = dict(type='mmsepbn.TemperatureAnnealingHook', from_config=True)
    runner = toy_runner(tmp_path, hooks=[Watch()], model=model, cfg=Config(dict(temperature=dict(epochs=3))))
    runner.register_hook(default)
    runner.train()
    assert seen == [30, 15.5, 1]


@pytest.mark.parametrize('update_buffers', [False, True])
def test_averaged_weights_have_the_temperature_of_the_schedule(tmp_path, update_buffers):
    model = Toy()
    model.backbone.add_module('norm', SepBN(4))
    model.backbone.forward = lambda x: model.backbone[1](model.backbone[0](x))
    average = EMAHook(momentum=0.01, update_buffers=update_buffers)
    hooks = [TemperatureAnnealingHook(epochs=3), average]
    toy_runner(tmp_path, hooks, model=model, checkpoint=dict(max_keep_ckpts=3)).train()
    for epoch, expected in ((1, 30), (2, 15.5), (3, 1)):
        content = torch.load(tmp_path / f'epoch_{epoch}.pth', weights_only=False)
        assert content['state_dict']['backbone.norm.temperature'] == expected
        assert content['ema_state_dict']['module.backbone.norm.temperature'] == expected


@pytest.mark.parametrize(('from_config', 'said'), [(False, True), (True, False)])
def test_a_model_without_sepbn_is_said_unless_the_hook_is_the_default_one(caplog, from_config, said):
    hook = TemperatureAnnealingHook(from_config=from_config)
    with caplog.at_level(logging.INFO):
        anneal(runner_at(0, nn.BatchNorm2d(3), hook, loop=EpochBasedTrainLoop if said else IterBasedTrainLoop))
    assert ('no SepBN, nothing to anneal' in caplog.text) == said
    assert bool(caplog.text) == said


def test_stage_2_says_at_which_temperature_it_stays(caplog):
    layer = SepBN(4)
    with caplog.at_level(logging.INFO):
        anneal(runner_at(0, layer, TemperatureAnnealingHook(from_config=True), temperature=None))
        layer.load_state_dict(SepBN(4, temperature=1.5).state_dict())
        anneal(runner_at(0, layer, TemperatureAnnealingHook(from_config=True), temperature=None))
    assert [line for line in caplog.messages if 'stays at' in line] == [
        'The temperature of SepBN stays at 30 (temperature=None).',
        'The temperature of SepBN stays at 1.5 (temperature=None).',
    ]


def used_in_training(layer, twice=False):
    """Messages of a fresh process in which the layer is trained."""
    sepbn._warn_of_first_temperature.cache_clear()
    for _ in range(1 + twice):
        layer.train()(torch.zeros(2, 4, 4, 4))


def of_batch_norm():
    layer, norm = SepBN(4), nn.BatchNorm2d(4)
    layer.load_state_dict(norm.state_dict())
    return layer


def of_sepbn():
    layer = SepBN(4)
    layer.load_state_dict(SepBN(4).state_dict())
    return layer


def annealed():
    layer = SepBN(4)
    layer.set_temperature(30.0)
    return layer


@pytest.mark.parametrize(
    ('make', 'warnings'),
    [
        (lambda: SepBN(4), 1),
        (lambda: nn.Sequential(SepBN(4), SepBN(4)), 1),
        (of_batch_norm, 1),
        (lambda: SepBN(4, temperature=30.0), 0),
        (lambda: SepBN(4, num_routes=1), 0),
        (of_sepbn, 0),
        (annealed, 0),
    ],
)
def test_training_at_a_temperature_that_nothing_has_set_is_warned_of_once(make, warnings, monkeypatch):
    said = []
    monkeypatch.setattr(sepbn, 'print_log', lambda message, *_: said.append(message))
    used_in_training(make(), twice=True)
    assert len(said) == warnings
    assert all("SepBN's temperature was never set: it stays at 30" in line for line in said)


def test_training_by_iterations_is_an_error():
    for hook in (TemperatureAnnealingHook(), TemperatureAnnealingHook(from_config=True)):
        with pytest.raises(ValueError, match=r'needs training by epochs .* norm_cfg\.temperature=1'):
            anneal(runner_at(0, SepBN(4), hook, loop=IterBasedTrainLoop, temperature=dict()))


@pytest.mark.parametrize('settings', [dict(epoch=3), 5])
def test_other_settings_in_the_config_are_named(settings):
    with pytest.raises(ValueError, match=r"temperature of the config must be a dict of \('start', 'end', 'epochs'\)"):
        temperature(TemperatureAnnealingHook(from_config=True), temperature=settings)


@pytest.mark.parametrize(('name', 'limit'), [('start', 'above 0'), ('end', 'above 0'), ('epochs', 'at least 1')])
def test_bad_settings_are_named(name, limit):
    with pytest.raises(ValueError, match=rf'{name}=\) must be {limit}. Got 0'):
        TemperatureAnnealingHook(**{name: 0})


def test_the_default_hook_takes_its_settings_from_the_config_alone():
    with pytest.raises(ValueError, match=r'from_config=True\) takes start, end, epochs .* Got 30.0, 1.0 and 3'):
        TemperatureAnnealingHook(epochs=3, from_config=True)


CSPNEXT = dict(arch='P5', expand_ratio=0.5, deepen_factor=0.167, widen_factor=0.125, channel_attention=False)


@pytest.mark.parametrize(
    ('settings', 'wrapped', 'loaded', 'warned'),
    [
        (dict(), False, False, True),
        (dict(), True, False, False),
        (dict(), False, True, False),
        (dict(num_routes=1), False, False, False),
        (dict(init_std=0.0), False, False, False),
    ],
    ids=['plain', 'wrapped', 'trained', 'one route', 'equal on purpose'],
)
@pytest.mark.parametrize('stays', [False, True])
def test_layers_whose_routes_were_made_equal_are_counted_once(settings, wrapped, loaded, warned, stays, caplog):
    """A CSPNeXt overwrites the initialization of its norms; SepBNBackbone restores it."""
    norm = dict(type='mmsepbn.SepBN', num_groups=1) | settings
    plain = dict(type='CSPNeXt', **CSPNEXT)
    around = dict(type='mmsepbn.SepBNBackbone', backbone=plain, norm_cfg=norm)
    network = MMPOSE_MODELS.build(around if wrapped else plain | dict(norm_cfg=norm))
    layers = [each for each in network.modules() if isinstance(each, SepBN)]
    count = len(layers)
    network.init_weights()
    if loaded:  # of a network whose routes differ
        for each in layers:
            each.load_state_dict(SepBN(each.num_features, num_groups=1).state_dict())
    given = None if stays else dict(epochs=2)
    hooks = [TemperatureAnnealingHook(from_config=True)] + [TemperatureAnnealingHook()] * (not stays)
    anneal(runner_at(0, network, *hooks, temperature=given))
    said = [line for line in caplog.messages if 'all equal' in line]
    assert len(said) == warned
    assert count > 10
    assert not warned or said[0].startswith(f'The routes of {count} of {count} SepBN layers are all equal')


def test_a_temperature_that_falls_in_one_epoch_is_said_to_stay(caplog):
    caplog.set_level(logging.INFO)
    assert temperature(TemperatureAnnealingHook(epochs=1)) == 1
    assert caplog.messages == ['The temperature of SepBN is 1 from the first epoch on.']
