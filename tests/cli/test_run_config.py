import io
import logging
import time
from argparse import Namespace
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from helpers import ROOT
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper
from toy_training import toy_runner

from mmsepbn.cli import run_config
from mmsepbn.cli.run_config import leave_process_group, training_config
from mmsepbn.option_error import OptionError


@pytest.fixture
def configured(tmp_path):
    """The config of a training, by its name and options."""

    def configure(name, **options):
        defaults = dict(
            cfg_options={},
            launcher='none',
            local_rank=0,
            no_validate=False,
            amp=False,
            auto_scale_lr=False,
            resume=None,
            scale_schedule=False,
        )
        config = str(ROOT / 'configs' / name)
        return training_config(Namespace(config=config, work_dir=str(tmp_path), **{**defaults, **options}))

    return configure


@pytest.fixture
def resumed(configured):
    """A stage-2 config with --resume."""

    def resume(value):
        cfg = configured('cnt_sepbn_vanilla_wflw.py', resume=value)
        return cfg.resume, cfg.load_from

    return resume


def test_resume_without_a_checkpoint_begins_as_the_config_says(resumed):
    assert resumed('auto') == (False, 'work_dirs/cnt_sepbn_vanilla/epoch_500.pth')


def test_resume_takes_the_last_checkpoint_of_the_folder_wherever_it_was(resumed, tmp_path):
    toy_runner(tmp_path, epochs=1).train()
    (tmp_path / 'epoch_1.pth').rename(tmp_path / 'epoch_7.pth')
    (tmp_path / 'last_checkpoint').write_text('/where/it/lay/epoch_7.pth\n')
    assert resumed('auto') == (True, str(tmp_path / 'epoch_7.pth'))
    assert resumed('a.pth') == (True, 'a.pth')


def test_training_shorter_than_its_warm_up_is_refused_by_name(configured):
    def small(epochs):
        return configured('demo/bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': epochs})

    assert small(3).train_cfg.max_epochs == 3
    for epochs in (1, 2):
        with pytest.raises(
            OptionError, match=f'max_epochs must exceed 2, where CosineAnnealingLR begins, got {epochs}'
        ):
            small(epochs)


@pytest.mark.parametrize('name', ['max_epochs', 'max_iters'])
@pytest.mark.parametrize('length', [0, -1])
@pytest.mark.parametrize('scale_schedule', [True, False])
def test_a_training_without_steps_is_refused(configured, tmp_path, name, length, scale_schedule):
    config = Config.fromfile(ROOT / 'configs' / 'demo' / 'bn_vanilla_wflw.py')
    config.train_cfg, config.param_scheduler = {'by_epoch': name == 'max_epochs', name: length}, []
    config.dump(tmp_path / 'own.py')
    with pytest.raises(OptionError, match=rf'^train_cfg\.{name} must be at least 1\. Got {length}\.$'):
        configured(tmp_path / 'own.py', scale_schedule=scale_schedule)


def test_schedules_with_an_end_of_their_own_take_any_number_of_epochs(configured):
    cfg = configured('bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': 1})
    assert cfg.param_scheduler[-1].begin > cfg.train_cfg.max_epochs


@pytest.fixture
def logged():
    """What has been logged, without a run, since the test began."""
    logger, handler = MMLogger.get_current_instance(), logging.StreamHandler(io.StringIO())
    handler.setLevel(logging.WARNING)
    logger.addHandler(handler)
    yield lambda: handler.stream.getvalue()
    logger.removeHandler(handler)


@pytest.fixture
def tested(tmp_path):
    """The config of a test, by the text of its file and options."""

    def configure(text, **options):
        (tmp_path / 'config.py').write_text(text)
        defaults = dict(cfg_options={}, launcher='none', local_rank=0, per_face=None, dump=None, show_dir=None)
        arguments = dict(config=str(tmp_path / 'config.py'), checkpoint='a.pth', work_dir=str(tmp_path))
        return run_config.testing_config(Namespace(**arguments, **{**defaults, **options}))

    return configure


@pytest.mark.parametrize(
    ('launcher', 'variable'),
    [('pytorch', 'LOCAL_RANK'), ('slurm', 'SLURM_LOCALID'), ('mpi', 'OMPI_COMM_WORLD_LOCAL_RANK')],
)
def test_more_processes_than_gpus_are_refused(configured, monkeypatch, launcher, variable):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setenv(variable, '1')
    assert configured('bn_vanilla_wflw.py', launcher=launcher).launcher == launcher
    monkeypatch.setenv(variable, '2')
    with pytest.raises(
        OptionError, match=rf'^{variable} must be below 2, the number of GPUs. Got 2: .*, or let each see all GPUs\.$'
    ):
        configured('bn_vanilla_wflw.py', launcher=launcher)


@pytest.mark.parametrize('launcher', ['slurm', 'mpi'])
def test_a_launcher_that_needs_gpus_is_refused_without(configured, monkeypatch, launcher):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    with pytest.raises(OptionError, match=f'^--launcher {launcher} needs a GPU. Got none'):
        configured('bn_vanilla_wflw.py', launcher=launcher)


def test_a_launcher_among_the_options_is_checked_too(configured):
    assert 'launcher' not in configured('bn_vanilla_wflw.py', cfg_options=dict(launcher=None))
    with pytest.raises(OptionError, match=r"^launcher must be one of none, pytorch, slurm, mpi\. Got 'foo'\.$"):
        configured('bn_vanilla_wflw.py', cfg_options=dict(launcher='foo'))


def test_a_training_that_ends_in_the_warm_up_is_warned_of_or_scaled(configured, logged):
    configured('bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': 5})
    assert 'so training never leaves warm-up' in logged()
    cfg = configured('bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': 50}, scale_schedule=True)
    assert [schedule.end for schedule in cfg.param_scheduler] == [12, 50]
    assert logged().count('warm-up') == 1


def test_a_resumed_training_goes_on_with_the_scaled_schedule_where_that_is_asked_for(configured):
    for resume, scaled in ((None, True), ('a.pth', False), ('a.pth', True)):
        hook = configured('bn_vanilla_wflw.py', resume=resume, scale_schedule=scaled).default_hooks.exact_checkpoint
        assert hook.get('own_schedules', False) == bool(resume and scaled)


def test_weights_to_start_from_are_checked_whatever_the_config_has(configured, tmp_path, logged):
    (tmp_path / 'config.py').write_text(NEW_STYLE)
    assert 'default_hooks' not in configured(tmp_path / 'config.py')
    exact = dict(exact_checkpoint=dict(type='mmsepbn.ExactCheckpointHook'))
    assert configured(tmp_path / 'config.py', resume='a.pth').default_hooks == exact
    keep = dict(keep_branch=dict(type='mmsepbn.KeepBranchHook'))
    assert configured(tmp_path / 'config.py', cfg_options=dict(load_from='a.pth')).default_hooks == keep
    (tmp_path / 'epoch_1.pth').touch()
    assert configured(tmp_path / 'config.py', cfg_options=dict(resume=True)).default_hooks == exact
    assert 'this one replaces' not in logged()
    configured(tmp_path / 'config.py')
    assert 'this one replaces' in logged()


def test_hooks_that_check_weights_are_those_of_the_config_where_it_has_any(configured, tmp_path):
    own = "custom_hooks = [dict(type='KeepBranchHook', new_branches=True), dict(type='mmsepbn.ExactCheckpointHook')]"
    (tmp_path / 'config.py').write_text(f'{NEW_STYLE}\n{own}')
    assert 'default_hooks' not in configured(tmp_path / 'config.py', cfg_options=dict(load_from='a.pth'))
    resumed = configured(tmp_path / 'config.py', resume='a.pth', scale_schedule=True)
    assert 'default_hooks' not in resumed
    assert resumed.custom_hooks[1].own_schedules is True
    (tmp_path / 'config.py').write_text(f'{NEW_STYLE}\ndefault_hooks = dict(keep_branch=None, exact_checkpoint=None)')
    off = dict(keep_branch=None, exact_checkpoint=None)
    assert configured(tmp_path / 'config.py', cfg_options=dict(load_from='a.pth')).default_hooks == off
    assert configured(tmp_path / 'config.py', resume='a.pth').default_hooks == off


def test_a_scaled_schedule_need_not_exceed_its_warm_up(configured):
    cfg = configured('demo/bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': 2}, scale_schedule=True)
    warm_up, cosine = cfg.param_scheduler  # 2 epochs of 30: the warm-up of 2 has a seventh of an epoch left
    assert (cosine.type, cosine.begin) == ('CosineAnnealingLR', 0)
    assert warm_up.begin > 1e6


@pytest.mark.parametrize('scaling', [None, dict(_delete_=True, enable=False)])
def test_a_rate_cannot_be_scaled_from_nothing(scaling, configured):
    with pytest.raises(OptionError, match=r'--auto-scale-lr needs auto_scale_lr=dict\(base_batch_size=N\)'):
        configured('bn_vanilla_wflw.py', cfg_options=dict(auto_scale_lr=scaling), auto_scale_lr=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason='needs a machine without a GPU')
def test_amp_without_a_gpu_is_bfloat16(configured):
    cfg = configured('bn_vanilla_wflw.py', amp=True)
    assert cfg.optim_wrapper.type == 'mmsepbn.BFloat16OptimWrapper'
    with pytest.raises(OptionError, match=r'type OptimWrapper, as there is no GPU\. Got AmpOptimWrapper\.'):
        configured('bn_vanilla_wflw.py', cfg_options={'optim_wrapper.type': 'AmpOptimWrapper'}, amp=True)


@pytest.mark.parametrize('kind', ['AmpOptimWrapper', OptimWrapper, None])
def test_amp_takes_the_place_of_the_usual_wrapper_alone(kind, configured, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    wrapper = dict(_delete_=True, optimizer=dict(type='SGD', lr=1), **({} if kind is None else dict(type=kind)))
    cfg = configured('bn_vanilla_wflw.py', cfg_options=dict(optim_wrapper=wrapper), amp=True)
    assert (cfg.optim_wrapper.type, cfg.optim_wrapper.loss_scale) == ('AmpOptimWrapper', 'dynamic')
    with pytest.raises(OptionError, match=r'needs optim_wrapper\.type OptimWrapper\. Got ApexOptimWrapper'):
        configured('bn_vanilla_wflw.py', cfg_options={'optim_wrapper.type': 'ApexOptimWrapper'}, amp=True)


BARE = """
model = dict(type='TopdownPoseEstimator', backbone=dict(type='mmsepbn.VanillaCNN'))
test_dataloader = dict(num_workers=0, persistent_workers=True)
test_evaluator = dict(type='FaceLandmarkMetric')
test_cfg = dict()
custom_hooks = default_hooks = env_cfg = randomness = log_level = launcher = resume = None
"""


def test_a_config_may_lack_what_ours_have(tested):
    cfg = tested(BARE, show_dir='faces', per_face='faces.csv', dump='faces.pkl')
    assert not {'env_cfg', 'randomness', 'log_level', 'resume'} & {*cfg}
    assert cfg.test_dataloader == dict(num_workers=0)
    assert cfg.default_hooks.visualization == dict(type='mmsepbn.FaceVisualizationHook', enable=True, out_dir='faces')
    assert cfg.visualizer.type == 'PoseLocalVisualizer'
    assert cfg.default_hooks.exact_checkpoint.type == 'mmsepbn.ExactCheckpointHook'
    assert [metric['type'] for metric in cfg.test_evaluator] == ['FaceLandmarkMetric', 'DumpResults']
    assert cfg.test_evaluator[0].per_face == 'faces.csv'


@pytest.mark.parametrize('resume', [False, True])
def test_a_missing_checkpoint_is_said_before_anything_is_built(resume, tmp_path):
    """The rest of this config would end in other errors."""
    cfg = Config(dict(load_from=str(tmp_path / 'nowhere.pth'), resume=resume, work_dir=str(tmp_path), model=dict()))
    with pytest.raises(FileNotFoundError, match=r'There is no checkpoint .*nowhere\.pth'):
        run_config.build_runner(cfg)
    assert list(tmp_path.iterdir()) == []


def test_ours_are_tested_by_the_hook_that_they_have(tested):
    cfg = tested(f"_base_ = '{ROOT}/configs/cnt_sepbn_vanilla_wflw.py'")
    assert [hook.type for hook in cfg.default_hooks.values()].count('mmsepbn.ExactCheckpointHook') == 1
    assert cfg.custom_hooks == []


@pytest.mark.parametrize('default', [False, True])
def test_a_test_has_no_early_stopping_which_needs_the_training_set(tested, default):
    early = "dict(type='mmengine.EarlyStoppingHook', monitor='wflw/NME')"
    own = "custom_hooks = [dict(type='mmsepbn.CompileHook')" + (f', {early}]' if not default else ']')
    cfg = tested(
        f"_base_ = '{ROOT}/configs/sepbn_vanilla_wflw.py'\n{own}\n" + f'default_hooks = dict(early={early})' * default
    )
    assert cfg.custom_hooks == [dict(type='mmsepbn.CompileHook')]
    assert 'early' not in cfg.default_hooks
    assert cfg.default_hooks.checkpoint.type == 'mmsepbn.SafeCheckpointHook'


NEW_STYLE = """
from mmengine.optim import LinearLR, OptimWrapper
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.engine import TemperatureAnnealingHook
from mmpose.visualization import PoseLocalVisualizer

visualizer = dict(type=PoseLocalVisualizer)
train_cfg = dict(max_epochs=5)
optim_wrapper = dict(type=OptimWrapper, optimizer=dict(type='SGD', lr=1.0))
param_scheduler = [dict(type=LinearLR, start_factor=0.1, end=20)]
custom_hooks = [dict(type=TemperatureAnnealingHook, epochs=10)]
test_evaluator = dict(type=FaceLandmarkMetric)
"""


def test_types_that_are_classes_are_taken_as_names_are(tested, configured, tmp_path, logged):
    cfg = tested(NEW_STYLE, show_dir='faces', per_face='faces.csv')
    assert cfg.test_evaluator[0].per_face == 'faces.csv'
    assert len(cfg.custom_hooks) == 1
    assert [hook.type for hook in cfg.default_hooks.values()].count('mmsepbn.ExactCheckpointHook') == 1
    cfg = configured(tmp_path / 'config.py', scale_schedule=True)
    assert (cfg.param_scheduler[0].end, cfg.custom_hooks[0].epochs) == (5, 2)
    assert logged() == ''
    configured(tmp_path / 'config.py')
    assert '25 % of LinearLR (epochs 0 to 20) run' in logged()


def test_the_per_face_file_needs_our_metric(tested):
    with pytest.raises(OptionError, match='--per-face needs one FaceLandmarkMetric'):
        tested(BARE.replace('FaceLandmarkMetric', 'NME'), per_face='faces.csv')


def gloo_threads():
    names = (task.read_text() for task in Path('/proc/self/task').glob('*/comm'))
    return sum('gloo' in name for name in names)


def seen(condition):
    # a thread takes its name after it has begun and leaves /proc after it has been joined
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.001)
    return condition()


@pytest.mark.skipif(not Path('/proc/self/task').exists(), reason='counts the threads of /proc')
def test_no_thread_of_a_group_outlives_it(tmp_path):
    class Runner:
        def __init__(self):
            self.itself = self
            self.group = dist.group.WORLD

    dist.init_process_group('gloo', f'file://{tmp_path / "store"}', rank=0, world_size=1)
    Runner()
    assert seen(lambda: gloo_threads() > 0)
    leave_process_group()
    assert not dist.is_initialized()
    assert seen(lambda: gloo_threads() == 0)
