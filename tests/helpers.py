"""Small real inputs for tests: samples, faces on disk, data that only some machines have."""

import json
import os
import socket
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from mmcv.cnn import fuse_conv_bn
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from torch import nn
from torch.multiprocessing import spawn

from mmsepbn.cli.run_config import leave_process_group

ROOT = Path(__file__).parents[1]
REAL_FACES = Path(os.environ.get('MMSEPBN_REAL_FACES', ROOT.parent / 'shared' / 'data' / 'real_faces'))

NORMS = {
    'BN': dict(type='BN'),
    'SepBN': dict(type='mmsepbn.SepBN'),
    'hard': dict(type='mmsepbn.SepBN', aggregation='hard'),
    'simple': dict(type='mmsepbn.SimpleSepBN'),
    'attentive': dict(type='mmsepbn.AttentiveNorm'),
}
# A narrow HRNet: bottlenecks, basic blocks, and norms that fuse branches.
HRNET = dict(
    type='HRNet',
    extra=dict(
        stage1=dict(num_modules=1, num_branches=1, block='BOTTLENECK', num_blocks=(1,), num_channels=(16,)),
        stage2=dict(num_modules=1, num_branches=2, block='BASIC', num_blocks=(1, 1), num_channels=(8, 16)),
        stage3=dict(num_modules=1, num_branches=3, block='BASIC', num_blocks=(1,) * 3, num_channels=(8, 16, 32)),
        stage4=dict(num_modules=1, num_branches=4, block='BASIC', num_blocks=(1,) * 4, num_channels=(8, 16, 32, 64)),
    ),
)

needs_real_faces = pytest.mark.skipif(not REAL_FACES.exists(), reason='the real faces are not on this machine')


def data_sample(labels, weights=None, flip_indices=(), **metainfo):
    """A PoseDataSample with regression labels (L, 2) in crop pixels."""
    labels = torch.as_tensor(labels, dtype=torch.float32)[None]
    sample = PoseDataSample(metainfo=dict(flip_indices=list(flip_indices), **metainfo))
    weights = torch.ones(labels.shape[:2]) if weights is None else torch.as_tensor(weights, dtype=torch.float32)[None]
    sample.gt_instance_labels = InstanceData(keypoint_labels=labels, keypoint_weights=weights)
    return sample


def wflw_line(landmarks=None, box=(10, 20, 110, 120), flags=(0, 0, 0, 0, 0, 0), image='event/face.jpg'):
    """One line of WFLW's official list."""
    if landmarks is None:
        landmarks = np.random.default_rng(0).uniform(10, 110, (98, 2))
    numbers = ' '.join(f'{value:f}' for value in np.asarray(landmarks).ravel())
    return f'{numbers} {" ".join(map(str, box))} {" ".join(map(str, flags))} {image}'


def assert_conv_fusion_leaves_alone(layer, channels):
    """MMCV's fusion of a convolution with the BatchNorm after it changes nothing that the two compute."""
    network = nn.Sequential(nn.Conv2d(3, channels, 1), layer)
    x = torch.randn(2, 3, 8, 8)
    network(x)
    network.eval()
    expected = network(x)
    torch.testing.assert_close(fuse_conv_bn(network)(x), expected)


def free_port():
    """A port of this machine that nobody listens on, as text."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return str(free.getsockname()[1])


def is_running(pid):
    """Whether there is a process of that number; one that has ended and only waits for its parent is none."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def run_two_ranks(function, *args):
    """Run ``function(rank, *args)`` in two processes joined by gloo."""
    spawn(_run_rank, (free_port(), function, args), nprocs=2)


def _run_rank(rank, port, function, args):
    torch.set_num_threads(1)
    torch.distributed.init_process_group('gloo', f'tcp://127.0.0.1:{port}', rank=rank, world_size=2)
    function(rank, *args)
    leave_process_group()  # a model that refers to the group would let gloo abort the process


def assert_named_once(runs):
    """Runs of equal settings have one name, and those of one name have equal settings."""
    by_name, by_settings = {}, {}
    for run in runs:
        settings = json.dumps(run.settings, sort_keys=True)
        assert by_name.setdefault(run.name, settings) == settings, run.name
        assert by_settings.setdefault(settings, run.name) == run.name
    assert by_name
