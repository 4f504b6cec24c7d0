"""Resumed trainings with the schedules of their config, against whole ones with that config."""

import pytest
from mmengine.config import Config
from toy_rates import COSINE, STEPS, train

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.run_settings.schedules import scale_schedules

OWN = dict(exact=dict(own_schedules=True))


@pytest.mark.parametrize('kind', ['sgd', 'split', 'two', 'adam'])
@pytest.mark.parametrize('schedule', [COSINE, STEPS], ids=['cosine', 'steps'])
def test_a_longer_training_goes_on_as_one_of_that_length_where_that_is_asked_for(resume, tmp_path, schedule, kind):
    rates, said = resume(2, 6, schedule, kind=kind, **OWN)
    assert rates == train(tmp_path / 'whole', 6, schedule, kind=kind)[8:]
    assert len(rates[0]) == dict(sgd=1, split=3, two=2, adam=1)[kind]
    assert said == ''


@pytest.mark.parametrize('batch', [2, 8])
@pytest.mark.parametrize('schedule', [COSINE, STEPS], ids=['cosine', 'steps'])
def test_epochs_of_another_length_go_on_as_a_whole_training_of_such(resume, tmp_path, caplog, schedule, batch):
    length = 16 // batch
    rates, _ = resume(2, 4, schedule, batch=batch, **OWN)
    assert rates == train(tmp_path / 'whole', 4, schedule, batch=batch)[2 * length :]
    assert (
        f'The schedules by iterations continue from {2 * length}, where a full training with {length} iterations per '
        'epoch would be in epoch 2. The resumed run has done 8.'
    ) in caplog.messages


def test_the_epochs_of_schedules_by_epochs_are_those_of_the_run(resume, caplog):
    for batch in (2, 8):
        rates, _ = resume(2, 4, dict(type='MultiStepLR', milestones=[1, 3], gamma=0.5), batch=batch, **OWN)
        length = 16 // batch
        assert [groups[0][0] for groups in rates] == [0.05] * length + [0.025] * length
    assert not any('by iterations' in line for line in caplog.messages)


def test_a_warm_up_of_which_a_short_training_has_nothing_comes_back_in_a_longer_one(resume, tmp_path):
    """A training of 2 epochs scaled from 8 has no warm-up of one epoch, one of 6 has."""
    short, long = (Config(dict(train_cfg=dict(max_epochs=epochs), param_scheduler=COSINE)) for epochs in (2, 6))
    for config in (short, long):
        scale_schedules(config, planned=8)
    rates, _ = resume(2, 6, short.param_scheduler, long.param_scheduler, **OWN)
    assert rates == train(tmp_path / 'whole', 6, COSINE)[8:]


def test_iterations_of_epochs_of_another_length_before_do_not_count(tmp_path):
    train(tmp_path / 'before', 2, STEPS)
    start = dict(resume=True, load_from=str(tmp_path / 'before' / 'epoch_2.pth'))
    train(tmp_path / 'between', 4, STEPS, batch=2, save=19, **start)  # of 8 + 8 + 3, within the fourth epoch
    whole = train(tmp_path / 'whole', 6, STEPS, batch=2)
    for name, behind in (('epoch_3', 24), ('within', 27)):
        start = dict(resume=True, load_from=str(tmp_path / 'between' / f'{name}.pth'))
        assert train(tmp_path / name, 6, STEPS, batch=2, **start, **OWN) == whole[behind:]


@pytest.mark.parametrize('seeded', [True, False])
@pytest.mark.parametrize('stop', [6, 8])
def test_a_stop_within_an_epoch_goes_on_from_there(tmp_path, stop, seeded):
    """At the last step of an epoch too, which has not ended; without EpochSeedHook MMEngine begins the epoch anew."""
    train(tmp_path / 'before', 2, STEPS, save=stop)
    start = dict(resume=True, load_from=str(tmp_path / 'before' / 'within.pth'))
    rates = train(tmp_path / 'after', 4, STEPS, seeded=seeded, **start, **OWN)
    assert rates == train(tmp_path / 'whole', 4, STEPS)[stop if seeded else 4 :]


def test_an_epoch_of_another_length_that_was_stopped_begins_anew(tmp_path):
    train(tmp_path / 'before', 2, STEPS, save=6)
    start = dict(resume=True, load_from=str(tmp_path / 'before' / 'within.pth'))
    rates = train(tmp_path / 'after', 4, STEPS, batch=2, **start, **OWN)
    assert rates == train(tmp_path / 'whole', 4, STEPS, batch=2)[8:]


def test_a_schedule_that_goes_by_results_cannot_be_made_up(resume):
    plateau = dict(type='ReduceOnPlateauLR', monitor='score', rule='less')
    with pytest.raises(
        CheckpointError, match='cannot continue with the ReduceOnPlateauLR of the config: it depends on res'
    ):
        resume(2, 3, plateau, scores=[3, 2, 1], **OWN)
