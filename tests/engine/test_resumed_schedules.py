"""Resumed trainings against whole ones, and what is said of those that do not follow the config."""

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from torch.optim import SGD
from toy_training import assert_same, toy_runner, weights

from mmsepbn.checkpoints.file import CheckpointError

POLY = dict(type='PolyLR', eta_min=0.01, by_epoch=False, end=12)
# As our recipes: a warm-up of an epoch, step by step, and a cosine to the end of the training.
COSINE = [
    dict(type='LinearLR', start_factor=0.1, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=1, convert_to_iter_based=True),
]
# Epochs and steps in turn; the momentum too.
STEPS = [
    dict(type='MultiStepLR', milestones=[1, 3], gamma=0.5),
    dict(type='LinearMomentum', start_factor=0.5, by_epoch=False),
    dict(type='ExponentialLR', gamma=0.9, by_epoch=False),
]


class Rates(Hook):
    """Notes learning rate and momentum of each step."""

    def __init__(self):
        self.seen = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append([(group['lr'], group['momentum']) for group in runner.optim_wrapper.param_groups])


def train(folder, epochs, schedule, lr=0.1, listener=None, split=False, **settings):
    """A training of four steps an epoch; returns its learning rates and momenta.

    ``split``: of two groups of parameters, the second of five times the rate, to which MMEngine adds one of none.
    """
    rates = Rates()
    config = Config(dict(train_cfg=dict(max_epochs=epochs)))
    keep = dict(max_keep_ckpts=-1)
    runner = toy_runner(folder, [rates], epochs, cfg=config, param_scheduler=schedule, checkpoint=keep, **settings)
    runner.optim_wrapper.optimizer.param_groups[0].update(lr=lr, weight_decay=lr / 10)
    if split:
        parts = zip(runner.model.backbone, (lr, 5 * lr), strict=True)
        groups = [dict(params=list(part.parameters()), lr=rate) for part, rate in parts]
        runner.optim_wrapper = OptimWrapper(SGD(groups, lr=2 * lr, momentum=0.9))
    if listener is not None:
        runner.logger.addHandler(listener)
    runner.train()
    return rates.seen


@pytest.fixture
def resume(tmp_path, caplog):
    """Go on from the second epoch of a training of ``before`` epochs; returns the rates, and what was said."""

    def run(before, epochs, schedule, changed=None, **settings):
        train(tmp_path / 'before', before, schedule, split=settings.get('split', False))
        caplog.clear()
        start = dict(resume=True, load_from=str(tmp_path / 'before' / 'epoch_2.pth'))
        rates = train(tmp_path / 'after', epochs, changed or schedule, listener=caplog.handler, **start, **settings)
        said = [each.getMessage() for each in caplog.records if 'as in the checkpoint' in each.getMessage()]
        return rates, ' '.join(said)

    return run


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
        'The training has 6 epochs, that of the checkpoint had 2. The schedules go on as in the checkpoint and end '
        'after 33.3 % of this training, not as in the config: CosineAnnealingLR.T_max=4 (config: 20), '
        'CosineAnnealingLR.end=8 (config: 24). --scale-schedule goes on with those of the config, fitted to its length.'
    )


@pytest.mark.parametrize('split', [False, True])
@pytest.mark.parametrize('schedule', [COSINE, STEPS], ids=['cosine', 'steps'])
def test_a_longer_training_goes_on_as_one_of_that_length_where_that_is_asked_for(resume, tmp_path, schedule, split):
    rates, said = resume(2, 6, schedule, split=split, exact=dict(own_schedules=True))
    assert rates == train(tmp_path / 'whole', 6, schedule, split=split)[8:]
    assert len(rates[0]) == (3 if split else 1)
    assert said == ''


def test_schedules_with_an_end_of_their_own_are_compared_with_the_length(resume):
    _, said = resume(2, 6, POLY)
    assert said.startswith(
        'The training has 6 epochs, that of the checkpoint had 2. The schedules go on as in the checkpoint and end '
        'after 50 % of this training. --scale'
    )


def test_a_shorter_training_is_told_what_is_cut(resume):
    rates, said = resume(6, 3, COSINE)
    assert min(rates)[0][0] > 0.06  # of 0.1, at its end a third of the cosine
    assert 'The schedules go on as in the checkpoint, of which this training runs 50 %, not as in' in said


def test_a_changed_schedule_is_named_with_both_values(resume, tmp_path):
    changed = POLY | dict(power=2.0)
    rates, said = resume(3, 3, POLY, changed)
    assert said.startswith(
        'The schedules go on as in the checkpoint, not as in the config: PolyLR.power=1.0 (config: 2.0)'
    )
    assert rates == train(tmp_path / 'whole', 3, POLY)[8:]
    rates, _ = resume(3, 3, POLY, changed, exact=dict(own_schedules=True))
    assert rates == train(tmp_path / 'other', 3, changed)[8:]


def test_the_optimizer_of_the_checkpoint_counts(resume, tmp_path):
    rates, said = resume(3, 3, POLY, lr=0.5)
    assert said == (
        'The optimizer goes on as in the checkpoint, not as in the config: initial_lr=0.1 (config: 0.5), '
        'weight_decay=0.01 (config: 0.05).'
    )
    assert rates == train(tmp_path / 'whole', 3, POLY)[8:]
    rates, said = resume(3, 3, POLY, lr=0.5, exact=dict(own_schedules=True))
    assert 'initial_lr' not in said
    assert 'weight_decay' in said
    assert rates == train(tmp_path / 'other', 3, POLY, lr=0.5)[8:]


def test_a_schedule_that_goes_by_results_cannot_be_made_up(resume):
    plateau = dict(type='ReduceOnPlateauLR', monitor='score', rule='less')
    _, said = resume(2, 3, plateau, scores=[3, 2, 1])
    assert said.startswith('The training has 3 epochs')
    with pytest.raises(CheckpointError, match='cannot go on with the ReduceOnPlateauLR of the config: it goes by res'):
        resume(2, 3, plateau, exact=dict(own_schedules=True))
