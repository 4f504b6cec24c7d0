import logging
from types import SimpleNamespace

import pytest
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop
from torch import nn

from mmsepbn.engine import TemperatureAnnealingHook
from mmsepbn.engine.hooks.temperature_annealing_hook import annealed_temperature
from mmsepbn.models import SepBN


def runner_at(epoch, model):
    return SimpleNamespace(epoch=epoch, model=model, train_loop=object.__new__(EpochBasedTrainLoop))


def test_the_papers_schedule_falls_by_one_an_epoch_from_30_to_1():
    assert [annealed_temperature(epoch) for epoch in range(500)] == pytest.approx([*range(30, 0, -1), *[1] * 470])


def test_other_ends_and_lengths():
    assert [annealed_temperature(e, start=10, end=4, epochs=4) for e in range(6)] == pytest.approx([10, 8, 6, 4, 4, 4])
    assert annealed_temperature(0, epochs=1) == 1


def test_resuming_at_epoch_12_equals_running_to_epoch_12():
    hook = TemperatureAnnealingHook()
    run, resumed = nn.Sequential(SepBN(4), SepBN(8)), nn.Sequential(SepBN(4), SepBN(8))
    for epoch in range(13):
        hook.before_train_epoch(runner_at(epoch, run))
    TemperatureAnnealingHook().before_train_epoch(runner_at(12, resumed))
    assert [layer.temperature.item() for layer in run] == [18.0, 18.0]
    assert [layer.temperature.item() for layer in resumed] == [18.0, 18.0]


def test_a_model_without_sepbn_is_said(caplog):
    runner = runner_at(0, nn.Sequential(nn.BatchNorm2d(3)))
    runner.logger = logging.getLogger('annealing')
    with caplog.at_level(logging.INFO):
        TemperatureAnnealingHook().before_train(runner)
    assert 'no SepBN, nothing to anneal' in caplog.text


def test_training_by_iterations_is_an_error():
    runner = SimpleNamespace(model=SepBN(4), train_loop=object.__new__(IterBasedTrainLoop))
    with pytest.raises(ValueError, match='needs training by epochs'):
        TemperatureAnnealingHook().before_train(runner)


@pytest.mark.parametrize(('name', 'limit'), [('start', 'above 0'), ('end', 'above 0'), ('epochs', 'at least 1')])
def test_bad_settings_are_named(name, limit):
    with pytest.raises(ValueError, match=rf'{name}=\) must be {limit}. Got 0'):
        TemperatureAnnealingHook(**{name: 0})
