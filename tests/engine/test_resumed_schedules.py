"""Resumed trainings against whole ones, and what is said of those that do not follow the config."""

import pytest
from toy_rates import COSINE, POLY, STEPS, train
from toy_training import assert_same, weights


@pytest.mark.parametrize('own', [False, True])
@pytest.mark.parametrize('schedule', [POLY, COSINE, STEPS], ids=['poly', 'cosine', 'steps'])
def test_a_training_that_goes_on_as_it_was_needs_no_word(resume, tmp_path, schedule, own):
    rates, said = resume(4, 4, schedule, exact=dict(own_schedules=own))
    assert said == ''
    assert rates == train(tmp_path / 'whole', 4, schedule)[8:]
    assert_same(weights(tmp_path / 'after' / 'epoch_4.pth'), weights(tmp_path / 'before' / 'epoch_4.pth'))


def test_a_longer_training_goes_on_with_the_schedules_that_it_had_and_says_so(resume):
    rates, said = resume(2, 6, COSINE)
    assert all(each == rates[0] for each in rates)  # the cosine has ended
    assert said == (
        'The training has 6 epochs, that of the checkpoint had 2. The schedules continue as in the checkpoint and end '
        'after 33.3 % of this training, not as in the config: CosineAnnealingLR.T_max=4 (config: 20), '
        'CosineAnnealingLR.end=8 (config: 24). --scale-schedule uses those of the config instead, fitted to its length.'
    )


def test_schedules_with_an_end_of_their_own_are_compared_with_the_length(resume):
    _, said = resume(2, 6, POLY)
    assert said.startswith(
        'The training has 6 epochs, that of the checkpoint had 2. The schedules continue as in the checkpoint and end '
        'after 50 % of this training. --scale'
    )


def test_a_shorter_training_is_told_what_is_cut(resume):
    rates, said = resume(6, 3, COSINE)
    assert min(rates)[0][0] > 0.06  # of 0.1, at its end a third of the cosine
    assert 'The schedules continue as in the checkpoint, of which this training runs 50 %, not as in' in said


def test_a_changed_schedule_is_named_with_both_values(resume, tmp_path):
    changed = POLY | dict(power=2.0)
    rates, said = resume(3, 3, POLY, changed)
    assert said.startswith(
        'The schedules continue as in the checkpoint, not as in the config: PolyLR.power=1.0 (config: 2.0)'
    )
    assert rates == train(tmp_path / 'whole', 3, POLY)[8:]
    rates, _ = resume(3, 3, POLY, changed, exact=dict(own_schedules=True))
    assert rates == train(tmp_path / 'other', 3, changed)[8:]


def test_the_optimizer_of_the_checkpoint_counts(resume, tmp_path):
    rates, said = resume(3, 3, POLY, lr=0.5)
    assert said == (
        'The optimizer continues as in the checkpoint, not as in the config: initial_lr=0.1 (config: 0.5), '
        'weight_decay=0.01 (config: 0.05).'
    )
    assert rates == train(tmp_path / 'whole', 3, POLY)[8:]
    rates, said = resume(3, 3, POLY, lr=0.5, exact=dict(own_schedules=True))
    assert 'initial_lr' not in said
    assert 'weight_decay' in said
    assert rates == train(tmp_path / 'other', 3, POLY, lr=0.5)[8:]


def test_a_schedule_that_goes_by_results_goes_on(resume):
    _, said = resume(2, 3, dict(type='ReduceOnPlateauLR', monitor='score', rule='less'), scores=[3, 2, 1])
    assert said.startswith('The training has 3 epochs')


def test_adams_momentum_that_a_schedule_sets_is_no_change_of_the_optimizer(resume):
    _, said = resume(3, 3, [dict(type='LinearMomentum', start_factor=0.5, by_epoch=False)], kind='adam')
    assert said == ''


def test_the_schedules_of_several_optimizers_are_compared_too(resume):
    _, said = resume(2, 4, POLY, dict(first=POLY, second=POLY | dict(power=2.0)), kind='two')
    assert said.startswith(
        'The training has 4 epochs, that of the checkpoint had 2. The schedules continue as in the checkpoint and end '
        'after 75 % of this training, not as in the config: PolyLR.power=1.0 (config: 2.0)'
    )
    _, said = resume(4, 4, POLY, lr=0.5, kind='two')
    assert said.startswith('The optimizer continues as in the checkpoint, not as in the config: initial_lr=0.1 (config')
