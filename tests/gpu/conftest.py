"""Tests for a GPU. MMSEPBN_TEST_DEVICE=cpu runs them on the CPU, to see that they are right."""

import os

import pytest
import torch
from helpers import free_port

os.environ.setdefault(
    'CUBLAS_WORKSPACE_CONFIG', ':4096:8'
)  # for deterministic products of matrices; cuBLAS reads it once


@pytest.fixture
def device():
    name = os.environ.get('MMSEPBN_TEST_DEVICE', 'cuda')
    if name.startswith('cuda') and not torch.cuda.is_available():
        pytest.skip('there is no GPU; MMSEPBN_TEST_DEVICE=cpu runs these tests without one')
    return torch.device(name)


@pytest.fixture
def exact():
    """Multiply in the whole of float32, not in TF32."""
    modules = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [module.allow_tf32 for module in modules]
    for module in modules:
        module.allow_tf32 = False
    yield
    for module, value in zip(modules, before, strict=True):
        module.allow_tf32 = value


@pytest.fixture
def deterministic():
    """As a config's randomness=dict(deterministic=True)."""
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True)
    yield
    torch.backends.cudnn.deterministic = False
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def process_group(device):
    """A group of this process alone."""
    if device.type == 'cpu':
        pytest.skip("torch's SyncBatchNorm needs a GPU")
    torch.distributed.init_process_group('nccl', f'tcp://127.0.0.1:{free_port()}', rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()
