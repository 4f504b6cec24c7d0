"""What `check_data.py --time` says; how long anything takes is not asserted."""

from unittest.mock import Mock

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, init_default_scope
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from torch.utils.data import DataLoader

from mmsepbn.cli import time_check
from mmsepbn.cli.time_check import Speeds, limit_line, time_lines
from mmsepbn.processes.batch_transport import pack_batches

SPEEDS = Speeds(face=0.005, step=0.02, batch_size=8, workers=2, cores=4, device='cpu')  # 400 and 400 faces/s


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        (
            {},
            '2 workers on 4 cores load 400 faces/s, the network takes 400 faces/s on cpu, 8 at once: the network is',
        ),
        (
            dict(face=0.01),
            'load 200 faces/s, the network takes 400 faces/s on cpu, 8 at once: the loader is the limit;',
        ),
        (dict(face=0.01), 'the limit; more workers, a face cache'),
        (dict(face=0.01, cores=2), 'the limit; a face cache'),
        (dict(workers=8), '8 workers on 4 cores load 800 faces/s'),
        (dict(workers=1, cores=1), '1 worker on 1 core load 200'),
        (dict(workers=0, face=0.0025), '0 workers on 4 cores load 400 faces/s'),
        (dict(workers=0, face=0.0025), 'loading and training alternate, at 200 faces/s'),
        (
            dict(step=0.16, device='cuda'),
            'the network takes 50 faces/s on cuda, 8 at once: the network is the limit.',
        ),
    ],
)
def test_the_limit_is_the_slower_one(changes, said):
    assert said in limit_line(SPEEDS._replace(**changes))


def test_the_network_is_laid_out_as_in_training(synthetic_faces, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.setattr(torch.backends.cudnn, 'benchmark', False)
    config = Config.fromfile(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py')
    config.custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')]
    init_default_scope('mmpose')
    searched = []

    def build(*args):
        searched.append(torch.backends.cudnn.benchmark)
        return build_optim_wrapper(*args)

    monkeypatch.setattr(time_check, 'build_optim_wrapper', built := Mock(side_effect=build))
    assert 'faces/s on cpu' in list(time_lines(config))[-1]
    layers = built.call_args.args[0].modules()
    kernels = [layer.weight for layer in layers if isinstance(layer, torch.nn.Conv2d) and layer.in_channels > 1]
    assert all(kernel.is_contiguous(memory_format=torch.channels_last) for kernel in kernels)
    assert kernels
    assert searched == [config.env_cfg.cudnn_benchmark] == [True]
    assert torch.backends.cudnn.benchmark is False, 'as before'


def test_a_step_gets_its_images_as_in_training(synthetic_faces, monkeypatch):
    """In the form in which a worker of a training sends them."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    config = Config.fromfile(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py')
    init_default_scope('mmpose')
    found = []
    take = PoseDataPreprocessor.forward
    monkeypatch.setattr(
        PoseDataPreprocessor, 'forward', lambda self, data, *a: found.append(data['inputs']) or take(self, data, *a)
    )
    assert list(time_lines(config))[-1].startswith('training: ')
    dataset = DATASETS.build(config.train_dataloader.dataset)
    loader = DataLoader(dataset, batch_size=4, collate_fn=pseudo_collate, num_workers=1)
    pack_batches(loader)
    sent = next(iter(loader))['inputs']
    assert {(type(inputs), len(inputs), inputs[0].shape) for inputs in found} == {(type(sent), 4, sent[0].shape)}
