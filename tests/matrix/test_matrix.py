"""Every tool over every way of writing a config: it runs, or says in one line why not."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mmpose
import pytest
import torch
from helpers import ROOT, free_port
from mmengine.config import Config

from mmsepbn.apis.load_model import load_model

MMPOSE_TOOLS = Path(mmpose.__file__).parent / '.mim' / 'tools'

SMALL = """
train_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
model = dict(backbone=dict(widths=(4, 4, 8, 8, 8, 8)), head=dict(branch=dict(in_channels=8, hidden_channels=(16,))))
train_cfg = dict(max_epochs=2, val_interval=2)
default_hooks = dict(checkpoint=dict(interval=1, save_best=None))
param_scheduler = [dict(type='PolyLR', eta_min=1e-4, begin=0, by_epoch=True)]
"""
SINGLE = f"_base_ = '{ROOT}/configs/demo/sepbn_vanilla_wflw.py'\n{SMALL}"
CNT = f"""_base_ = '{ROOT}/configs/demo/cnt_sepbn_vanilla.py'
{SMALL}
train_dataloader['dataset'] = dict(datasets=dict(aflw=dict(num_train=8), wider_face=dict(min_size=10)))
val_dataloader['dataset'] = dict(datasets=dict(aflw=dict(num_train=8)))
"""
WRAPPED = """
train_dataloader['dataset'] = dict(_delete_=True, type={type}, {arguments})
"""
NEW_STYLE = """
from mmengine.dataset import DefaultSampler
from mmengine.hooks import DistSamplerSeedHook, IterTimerHook, LoggerHook, ParamSchedulerHook
from mmengine.optim import OptimWrapper
from mmengine.runner import EpochBasedTrainLoop, TestLoop, ValLoop
from mmpose.datasets.transforms import GenerateTarget
from mmpose.models import PoseDataPreprocessor, TopdownPoseEstimator
from mmpose.visualization import PoseLocalVisualizer
from torch.optim import SGD

from mmsepbn.codecs import PixelLabel
from mmsepbn.datasets import FaceCrop, LoadFaceImage, PackFaceInputs, RandomFaceCrop, WFLWDataset
from mmsepbn.engine import EpochSeedHook, KeepBranchHook, SafeCheckpointHook, TemperatureAnnealingHook
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.models import LandmarkRegressionHead, MultiProtocolHead, SepBN, VanillaCNN

default_scope = 'mmpose'
default_hooks = dict(
    timer=dict(type=IterTimerHook),
    logger=dict(type=LoggerHook),
    param_scheduler=dict(type=ParamSchedulerHook),
    checkpoint=dict(type=SafeCheckpointHook, interval=1),
    sampler_seed=dict(type=DistSamplerSeedHook),
    epoch_seed=dict(type=EpochSeedHook),
    keep_branch=dict(type=KeepBranchHook),
)
codec = dict(type=PixelLabel, input_size=(128, 128))
model = dict(
    type=TopdownPoseEstimator,
    data_preprocessor=dict(type=PoseDataPreprocessor, mean=[127.5] * 3, std=[128.0] * 3, bgr_to_rgb=True),
    backbone=dict(type=VanillaCNN, widths=(4, 4, 8, 8, 8, 8), norm_cfg=dict(type=SepBN)),
    head=dict(
        type=MultiProtocolHead,
        protocols=['wflw'],
        branch=dict(type=LandmarkRegressionHead, in_channels=8, in_featuremap_size=(2, 2), decoder=codec),
    ),
    test_cfg=dict(flip_test=False),
)
wflw = dict(
    type=WFLWDataset,
    data_root='{root}/WFLW',
    data_prefix=dict(img='WFLW_images'),
)
wflw_list = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_'
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type=DefaultSampler, shuffle=True),
    dataset=dict(
        **wflw,
        ann_file=wflw_list + 'train.txt',
        pipeline=[
            dict(type=LoadFaceImage),
            dict(type=RandomFaceCrop),
            dict(type=GenerateTarget, encoder=codec),
            dict(type=PackFaceInputs),
        ],
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type=DefaultSampler, shuffle=False, round_up=False),
    dataset=dict(
        **wflw,
        ann_file=wflw_list + 'test.txt',
        test_mode=True,
        pipeline=[dict(type=LoadFaceImage), dict(type=FaceCrop), dict(type=PackFaceInputs)],
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type=FaceLandmarkMetric)
test_evaluator = val_evaluator
optim_wrapper = dict(type=OptimWrapper, optimizer=dict(type=SGD, lr=0.01))
param_scheduler = None
train_cfg = dict(type=EpochBasedTrainLoop, max_epochs=2, val_interval=2)
val_cfg = dict(type=ValLoop)
test_cfg = dict(type=TestLoop)
custom_hooks = [dict(type=TemperatureAnnealingHook, epochs=2)]
randomness = dict(seed=0)
visualizer = dict(type=PoseLocalVisualizer, name='visualizer')
"""

CONFIGS = {
    'single': SINGLE,
    'cnt': CNT,
    'repeat': SINGLE + WRAPPED.format(type="'RepeatDataset'", arguments='times=2, dataset=_base_.wflw_train'),
    'concat': SINGLE
    + WRAPPED.format(type="'ConcatDataset'", arguments='datasets=[_base_.wflw_train, _base_.wflw_train]'),
    'combined': SINGLE
    + WRAPPED.format(
        type="'CombinedDataset'",
        arguments="metainfo=dict(from_file='configs/_base_/datasets/wflw.py'), datasets=[_base_.wflw_train, "
        '_base_.wflw_train]',
    ),
    'workers': SINGLE.replace('num_workers=0, persistent_workers=False', 'num_workers=2, persistent_workers=True'),
    'ema': SINGLE + "custom_hooks = [dict(type='EMAHook'), *_base_.custom_hooks]\n",
    'new_style': NEW_STYLE,
}

WRAPPERS = ('repeat.py', 'concat.py', 'combined.py')

pytestmark = pytest.mark.slow


@pytest.fixture
def tool(run_tool):
    """Run a tool; it has to end with the status that is expected and never with a traceback."""

    def run(script, *arguments, **environment):
        output = run_tool(script, *arguments, OMP_NUM_THREADS='1', **environment)
        assert 'Traceback' not in output, output[-4000:]
        return output

    return run


@pytest.fixture
def config(request, tmp_path, synthetic_faces):
    path = tmp_path / f'{request.param}.py'
    path.write_text(CONFIGS[request.param].replace('{root}', str(synthetic_faces)))
    return path.name


@pytest.mark.parametrize('config', CONFIGS, indirect=True)
def test_our_tools(tool, config, tmp_path):
    tool('tools/check_data.py', config, '--pictures', '--sheet', 'faces.png')
    tool('tools/train.py', config, '--work-dir', 'whole')
    (tmp_path / 'stopped').mkdir()
    shutil.copy(tmp_path / 'whole' / 'epoch_1.pth', tmp_path / 'stopped')
    assert 'epoch_1.pth' in tool('tools/train.py', config, '--work-dir', 'stopped', '--resume')
    assert weights(tmp_path / 'stopped' / 'epoch_2.pth') == weights(tmp_path / 'whole' / 'epoch_2.pth')
    results = ('--out', 'run/rows.json', '--per-face', 'run/per_face.csv', '--dump', 'run/predictions.npz')
    tool('tools/test.py', config, 'whole/epoch_2.pth', '--work-dir', 'test', *results)
    rows = json.loads((tmp_path / 'run' / 'rows.json').read_text())
    tool('tools/report.py', config, 'A=run', '--out', 'report')
    assert f'{rows["wflw/NME"]:.2f}' in ''.join(path.read_text() for path in (tmp_path / 'report').rglob('results.md'))
    exports(tmp_path / config, tmp_path / 'whole' / 'epoch_2.pth')


@pytest.mark.parametrize('config', CONFIGS, indirect=True)
def test_mmposes_tools(tool, config, tmp_path):
    tool(MMPOSE_TOOLS / 'train.py', config, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=1')
    tool(MMPOSE_TOOLS / 'test.py', config, 'run/epoch_1.pth', '--work-dir', 'test', '--out', 'rows.json')
    assert json.loads((tmp_path / 'rows.json').read_text())['wflw/NME'] > 0
    for mode in ('original', 'transformed'):
        arguments = ('--not-show', '--output-dir', mode, '--mode', mode, '--max-item-per-dataset', 2)
        if config not in WRAPPERS:  # MMPose's own limit: it sets the pipeline of the outermost data set
            tool(MMPOSE_TOOLS / 'misc' / 'browse_dataset.py', config, *arguments)
            assert len(list((tmp_path / mode).rglob('*.*'))) == 2


@pytest.mark.parametrize('config', ['single', 'cnt'], indirect=True)
def test_two_processes(tool, config, tmp_path):
    """Training, resuming and testing on two processes; the test gives what one process gives."""

    def both(*arguments):
        launched = dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=free_port(), WORLD_SIZE='2')
        with ThreadPoolExecutor(2) as ranks:
            ends = [
                ranks.submit(tool, *arguments, '--launcher', 'pytorch', RANK=rank, LOCAL_RANK=rank, **launched)
                for rank in '01'
            ]
            for end in ends:
                end.result()

    both('tools/train.py', config, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=1')
    both('tools/train.py', config, '--work-dir', 'run', '--resume')
    both('tools/test.py', config, 'run/epoch_2.pth', '--work-dir', 'test', '--out', 'two.json')
    tool('tools/test.py', config, 'run/epoch_2.pth', '--work-dir', 'test', '--out', 'one.json')
    one, two = (json.loads((tmp_path / f'{name}.json').read_text()) for name in ('one', 'two'))
    assert two == pytest.approx(one, rel=1e-5)


def weights(path):
    """Name -> values of every tensor of a checkpoint."""
    return {name: value.tolist() for name, value in torch.load(path, weights_only=False)['state_dict'].items()}


def exports(config, checkpoint):
    """The network exports and computes the same for another number of faces."""
    model = load_model(Config.fromfile(config), checkpoint)
    faces = {'inputs': {0: torch.export.Dim('faces')}, 'data_samples': None}
    exported = torch.export.export(model, (torch.zeros(2, 3, 128, 128), None), dynamic_shapes=faces, strict=False)
    crops = torch.randn(3, 3, 128, 128)
    torch.testing.assert_close(exported.module()(crops, None), model(crops, None), atol=1e-4, rtol=1e-5)
