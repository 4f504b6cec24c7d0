"""Against numbers by hand, and against training's own schedules."""

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import PARAM_SCHEDULERS

from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.schedules import (
    cut_schedules,
    refuse_late_schedules,
    scale_schedules,
    scaled_schedule,
)


def recipe(epochs, name='sepbn_vanilla_wflw'):
    config = Config.fromfile(ROOT / 'configs' / f'{name}.py')
    config.train_cfg.max_epochs = epochs
    return config


def written(*schedules, **training):
    return Config(
        dict(
            train_cfg=training,
            param_scheduler=[*schedules],
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=1.0)),
        )
    )


def rates(config, iterations):
    """The learning rate of each iteration of a training of ``iterations`` an epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=config.optim_wrapper.optimizer.lr)
    schedules = [
        PARAM_SCHEDULERS.build(
            dict(dict(end=config.train_cfg.max_epochs) | dict(each), optimizer=optimizer, epoch_length=iterations)
        )
        for each in config.param_scheduler
    ]
    result = []
    for _ in range(config.train_cfg.max_epochs * iterations):
        result.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for schedule in schedules:
            schedule.step()
    return result


def test_a_schedule_that_is_run_to_its_end_needs_no_word():
    assert cut_schedules(recipe(500)) == ''
    assert cut_schedules(recipe(600)) == ''
    assert cut_schedules(recipe(46, 'demo/bn_vanilla_cofw')) == ''
    assert cut_schedules(recipe(3, 'demo/bn_vanilla_cofw')) == ''  # it has no temperature
    assert cut_schedules(recipe(3, 'demo/sepbn_vanilla_cofw')) == (
        "train_cfg.max_epochs=3 cuts the schedule: SepBN's temperature falls over 8 epochs, 37.5 % of which run."
    )


@pytest.mark.parametrize('norm_cfg', [None, dict(type='mmsepbn.SimpleSepBN'), dict(type='BN')])
def test_a_backbone_has_a_temperature_if_its_norm_has(norm_cfg):
    config = recipe(3, 'demo/bn_vanilla_cofw')
    config.model.backbone = dict(type='mmsepbn.SepBNBackbone', backbone=dict(type='ResNet'), norm_cfg=norm_cfg)
    assert bool(cut_schedules(config)) is (norm_cfg != dict(type='BN'))


def test_a_norm_that_is_named_by_its_path_has_a_temperature():
    config = recipe(3, 'demo/sepbn_vanilla_cofw')
    config.model.backbone.norm_cfg = dict(type='mmsepbn.models.norms.sepbn.SepBN')
    assert "SepBN's temperature falls over 8 epochs" in cut_schedules(config)


def test_a_training_within_the_warm_up_is_told_so():
    said = cut_schedules(recipe(5))
    assert '4.17 % of LinearLR (epochs 0 to 120) run, so training never leaves warm-up' in said
    assert 'CosineAnnealingLR (epochs 120 to 500) never begins' in said
    assert "SepBN's temperature falls over 30 epochs, 16.7 % of which run" in said


def test_a_training_within_the_cosine_is_told_its_share():
    assert cut_schedules(recipe(310)) == (
        'train_cfg.max_epochs=310 cuts the schedule: 50 % of CosineAnnealingLR (epochs 120 to 500) run.'
    )


def test_the_paper_schedule_is_scaled_to_fifty_epochs():
    config = recipe(50)
    scale_schedules(config, planned=500)
    warm_up, cosine = config.param_scheduler
    assert (warm_up.begin, warm_up.end, cosine.begin, cosine.end) == (0, 12, 12, 50)
    assert config.temperature.epochs == 3
    assert cut_schedules(config) == ''
    # Every tenth iteration of the long training has the rate of one of the short.
    long, short = rates(recipe(500), 10), rates(config, 10)
    assert max(short) == pytest.approx(max(long), rel=1e-6)
    for at in (60, 119, 200, 300, 499):
        assert short[at] == pytest.approx(long[10 * at], rel=0.02, abs=1e-8)


def test_what_is_left_of_nothing_never_begins():
    """The warm-up is none of a single epoch; also where the config of that run is scaled once more."""
    config = recipe(1)
    for planned in (500, 1):
        scale_schedules(config, planned)
        warm_up, cosine = config.param_scheduler
        assert (cosine.type, cosine.begin, cosine.end) == ('CosineAnnealingLR', 0, 1)
        assert warm_up.type == 'LinearLR'
        assert config.temperature.epochs == 1
        both = rates(config, 4)
        assert max(both) == pytest.approx(1e-3)
        assert both == rates(Config(dict(config, param_scheduler=[cosine])), 4)
        assert cut_schedules(config) == ''


EMPTY = [
    dict(type='LinearLR', end=120, start_factor=0.1),
    dict(type='CosineAnnealingLR', end=120, T_max=120),
    dict(type='PolyLR', end=120),
    dict(type='StepLR', step_size=3, end=120),
    dict(type='MultiStepLR', milestones=[1, 3], end=120),
    dict(type='OneCycleLR', total_steps=120, eta_max=2.0, end=120),
    dict(type='CosineRestartLR', periods=[60, 60], restart_weights=[1, 1], end=120, eta_min=0),
    dict(type='ConstantLR', factor=0.1, end=120, convert_to_iter_based=True),
]


@pytest.mark.parametrize('schedule', EMPTY, ids=[each['type'] for each in EMPTY])
def test_of_any_kind_it_leaves_the_rates_alone(schedule):
    config = written(schedule, max_epochs=1)
    scale_schedules(config, planned=500)
    assert rates(config, 3) == [1.0] * 3
    assert [each.type for each in config.param_scheduler] == [schedule['type']]


def test_a_schedule_that_ends_with_the_training_is_scaled_by_the_file_s_epochs():
    config = recipe(92, 'demo/bn_vanilla_cofw')
    scale_schedules(config, planned=46)
    warm_up, cosine = config.param_scheduler
    assert (warm_up.end, cosine.begin, 'end' in cosine) == (4, 4, False)
    assert config.temperature.epochs == 16


@pytest.mark.parametrize(
    ('schedule', 'expected'),
    [
        (dict(type='MultiStepLR', milestones=[170, 200]), dict(milestones=[17, 20])),
        (dict(type='StepLR', step_size=4), dict(step_size=1)),
        (dict(type='OneCycleLR', total_steps=90), dict(total_steps=9)),
        (dict(type='CosineRestartLR', periods=[50, 100]), dict(periods=[5, 10])),
        (dict(type='CosineAnnealingLR', T_max=50, end=100), dict(T_max=5, end=10)),
        (dict(type='CosineAnnealingLR', T_max=100, end=100), dict(end=10)),
    ],
)
def test_lengths_within_a_schedule_follow(schedule, expected):
    assert scaled_schedule(schedule, 0.1) == dict(type=schedule['type'], begin=0, **expected)


def test_iterations_are_counted_where_the_training_counts_them():
    schedule = dict(type='LinearLR', start_factor=0.1, end=1000, by_epoch=False)
    config = Config(
        dict(
            train_cfg=dict(by_epoch=False, max_iters=500),
            param_scheduler=schedule,
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=1.0)),
        )
    )
    said = cut_schedules(config)
    assert said.startswith('train_cfg.max_iters=500 cuts the schedule: 50 % of LinearLR (iters 0 to 1000) run')
    config.train_cfg = dict(max_epochs=5)
    assert cut_schedules(config) == ''  # how many iterations that is, the data says


def test_a_schedule_that_begins_when_training_has_ended_is_refused():
    for epochs in (1, 2):
        with pytest.raises(OptionError, match=f'must exceed 2, where CosineAnnealingLR begins, got {epochs}'):
            refuse_late_schedules(recipe(epochs, 'demo/bn_vanilla_cofw'))
    refuse_late_schedules(recipe(3, 'demo/bn_vanilla_cofw'))


def test_no_schedules_are_left_alone():
    for schedules in (None, []):
        config = Config(dict(train_cfg=dict(max_epochs=5), param_scheduler=schedules))
        scale_schedules(config, 50)
        assert cut_schedules(config) == ''
        assert config.param_scheduler == schedules


WARM_UP = dict(type='LinearLR', start_factor=0.001, begin=0, end=500, by_epoch=False)
STEPS = dict(type='MultiStepLR', begin=0, end=210, milestones=[170, 200], by_epoch=True)


@pytest.mark.parametrize('order', [(WARM_UP, STEPS), (STEPS, WARM_UP)])
def test_a_schedule_of_the_other_unit_stays_as_it_is_and_where_it_is(order):
    config = written(*order, max_epochs=21)
    scale_schedules(config, planned=210)
    scaled = {**STEPS, 'end': 21, 'milestones': [17, 20]}
    assert config.param_scheduler == [scaled if each is STEPS else each for each in order]
    config = written(*order, max_iters=250)
    scale_schedules(config, planned=None)
    assert config.param_scheduler == [{**WARM_UP, 'end': 250} if each is WARM_UP else each for each in order]


@pytest.mark.parametrize(
    ('ends', 'length', 'planned', 'expected'),
    [
        ([5], 100, 100, [5]),  # then constant: nothing is cut
        ([5], 20, 100, [1]),
        ([5], 200, 100, [10]),
        ([120, 500], 50, 500, [12, 50]),
        ([100, 500], 5, 5, [1, 5]),  # a file that inherits the schedule and sets its own length
        ([100, 500], 50, None, [10, 50]),
        ([20, None], 100, None, [20, None]),  # the last ends with the training
        ([20, None], 50, 100, [10, None]),
        ([20, None], 10, 10, [10, None]),
    ],
)
def test_the_factor_is_from_the_planned_length_or_from_what_reaches_beyond_it(ends, length, planned, expected):
    schedules = [dict(type='LinearLR', begin=0) | ({} if end is None else dict(end=end)) for end in ends]
    config = written(*schedules, max_epochs=length)
    config.param_scheduler.append(WARM_UP)
    scale_schedules(config, planned)
    assert [each.get('end') for each in config.param_scheduler] == [*expected, 500]


NO_END = [
    (dict(type='MultiStepLR', milestones=[170, 200]), 201),
    (dict(type='MultiStepLR', begin=5, milestones=[170, 195]), 201),  # MMEngine counts them from `begin`
    (dict(type='CosineAnnealingLR', begin=5, T_max=495), 500),
    (dict(type='StepLR', step_size=300), 301),
    (dict(type='StepLR', begin=5, step_size=300), 306),
    (dict(type='OneCycleLR', eta_max=0.1, total_steps=300), 300),
    (dict(type='CosineRestartLR', eta_min=0, periods=[100, 200], restart_weights=[1, 1]), 300),
]


@pytest.mark.parametrize(('schedule', 'end'), NO_END)
def test_a_cut_schedule_is_named_by_what_it_says_of_its_length(schedule, end):
    begin = schedule.get('begin', 0)
    said = cut_schedules(written(schedule, max_epochs=100))
    share = f'{100 * (100 - begin) / (end - begin):.3g}'
    assert f'{share} % of {schedule["type"]} (epochs {begin} to {end}) run' in said
    assert cut_schedules(written(schedule, max_epochs=end - 1)) != ''
    assert cut_schedules(written(schedule, max_epochs=end)) == ''


@pytest.mark.parametrize('step', [170, 200])
def test_the_last_step_of_a_schedule_changes_the_rate_of_its_last_epoch_alone(step):
    config = written(dict(type='MultiStepLR', milestones=[step]), max_epochs=step + 1)
    assert rates(config, 1)[-2:] == pytest.approx([1, 0.1])


@pytest.mark.parametrize(('schedule', 'end'), NO_END)
def test_a_scaled_schedule_is_not_cut(schedule, end):
    for length in range(2, end, 7):
        for planned in (length, end, None):
            config = written(schedule, max_epochs=length)
            scale_schedules(config, planned)
            assert cut_schedules(config) == ''


def test_a_schedule_that_would_begin_at_the_end_never_begins():
    config = written(dict(type='LinearLR', end=5), dict(type='CosineAnnealingLR', begin=199), max_epochs=10)
    scale_schedules(config, planned=200)
    assert rates(config, 3) == [1.0] * 30
    refuse_late_schedules(config)


@pytest.mark.parametrize('schedule', [dict(), dict(T_max=None), dict(begin=5), dict(total_steps=None)])
def test_a_schedule_that_mmengine_completes_is_not_cut(schedule):
    kind = 'OneCycleLR' if 'total_steps' in schedule else 'CosineAnnealingLR'
    config = written(dict(schedule, type=kind), max_epochs=100)
    assert cut_schedules(config) == ''
    scale_schedules(config, planned=50)
    assert cut_schedules(config) == ''


def test_one_schedule_that_is_not_in_a_list_is_scaled_or_stays():
    config = Config(dict(train_cfg=dict(max_epochs=10), param_scheduler=dict(type='StepLR', step_size=30)))
    scale_schedules(config, planned=100)
    assert config.param_scheduler == [dict(type='StepLR', begin=0, step_size=3)]
    config.param_scheduler = WARM_UP
    scale_schedules(config, planned=100)
    assert config.param_scheduler == WARM_UP


@pytest.mark.parametrize(
    ('changes', 'place', 'falls', 'scaled'),
    [
        (dict(temperature={}), 'temperature', 30, 3),
        (dict(temperature=dict(start=10.0)), 'temperature', 30, 3),
        (dict(custom_hooks=[dict(type='mmsepbn.TemperatureAnnealingHook')]), 'custom_hooks.0', 30, 3),
        (
            {'default_hooks.temperature': dict(_delete_=True, type='mmsepbn.TemperatureAnnealingHook', epochs=80)},
            'default_hooks.temperature',
            80,
            8,
        ),
    ],
    ids=str,
)
def test_wherever_the_fall_of_the_temperature_is_set_it_is_seen_and_scaled(changes, place, falls, scaled):
    """To the hook's own number where none is stated."""
    config = recipe(20)
    config.merge_from_dict({'temperature': dict(_delete_=True)} | changes)
    assert f"SepBN's temperature falls over {falls} epochs, {100 * 20 / falls:.3g} % of which run" in cut_schedules(
        config
    )
    config.train_cfg.max_epochs = 50
    scale_schedules(config, planned=500)
    node = config
    for key in place.split('.'):
        node = node[int(key) if key.isdecimal() else key]
    assert node['epochs'] == scaled


def test_two_hooks_that_read_one_temperature_scale_it_once():
    """The training refuses two; until then the number is right."""
    config = recipe(20)
    config.temperature = dict(epochs=80)
    config.custom_hooks = [dict(type='mmsepbn.TemperatureAnnealingHook', from_config=True)]
    assert cut_schedules(config).count("SepBN's temperature falls") == 1
    scale_schedules(config, planned=500)
    assert config.temperature.epochs == round(80 * 20 / 500)


def test_a_temperature_that_no_hook_reads_is_left_alone():
    config = written(max_epochs=5)
    config.temperature = dict(of_something_else=1)
    scale_schedules(config, planned=50)
    assert config.temperature == dict(of_something_else=1)
    assert cut_schedules(config) == ''


def test_schedules_of_several_optimizers_are_refused():
    config = Config(dict(train_cfg=dict(max_epochs=5), param_scheduler=dict(head=[dict(type='LinearLR', end=20)])))
    assert cut_schedules(config) == ''
    with pytest.raises(OptionError, match=r"param_scheduler must be of one optimizer. Got those of \['head'\]"):
        scale_schedules(config, 50)
