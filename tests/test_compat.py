import importlib.util
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.fileio import get_file_backend
from mmengine.logging import HistoryBuffer
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import CheckpointLoader
from yapf.yapflib.yapf_api import FormatCode

from mmsepbn import compat, registry  # noqa: F401
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.pretrained import CheckedPretrainedInit
from mmsepbn.datasets.formats.image_backend import ImageBackend, read_images_in_cofw_files

FULL_MMCV = importlib.util.find_spec('mmcv._ext') is not None


class Executable:
    """Runs a command when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f'touch {self.path}',)


class GetAttribute:
    """Reaches for an attribute through the one allowed function."""

    def __reduce__(self):
        return getattr, (HistoryBuffer, '__init__')


def own_checkpoint():
    buffer = HistoryBuffer()
    buffer.update(1.5)
    numbers = dict(array=np.arange(3.0), scalar=np.float32(2), integer=np.int64(3), empty=np.empty((0, 3)))
    history = dict(buffer=buffer, **numbers)
    return dict(state_dict=dict(weight=torch.ones(2)), message_hub=history)


def test_mmengines_own_checkpoints_load(tmp_path):
    torch.save(own_checkpoint(), tmp_path / 'own.pth')
    loaded = CheckpointLoader.load_checkpoint(str(tmp_path / 'own.pth'))
    assert loaded['message_hub']['buffer'].statistics('mean') == 1.5
    assert loaded['message_hub']['array'].tolist() == [0, 1, 2]
    assert loaded['message_hub']['scalar'] == 2
    assert loaded['message_hub']['empty'].shape == (0, 3)
    torch.save(loaded, tmp_path / 'again.pth')
    again = torch.load(tmp_path / 'again.pth', weights_only=False)['message_hub']
    assert type(again['array']) is np.ndarray


class GetAttributeOfAnother:
    """Reaches for an allowed name of another allowed class."""

    def __reduce__(self):
        return getattr, (torch.Tensor, 'mean')


class ObjectsFromBytes:
    """A dtype whose state makes numpy take plain bytes for object pointers."""

    def __reduce__(self):
        fields = {'a': (np.dtype('O'), 0)}
        return np.dtype, ('i8', False, True), (3, '<', None, ('a',), fields, 8, 1, 63)


@pytest.mark.parametrize(
    'make',
    [
        Executable,
        lambda path: GetAttribute(),
        lambda path: GetAttributeOfAnother(),
        lambda path: ObjectsFromBytes(),
        lambda path: np.array([{}], object),
        lambda path: np.dtype('O'),
    ],
)
def test_a_checkpoint_that_could_run_code_is_refused(tmp_path, make):
    torch.save(own_checkpoint() | dict(payload=make(tmp_path / 'ran')), tmp_path / 'bad.pth')
    with pytest.raises(ValueError, match=r'bad.pth is refused: .*could run code when loaded. Reported by torch: \S'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'bad.pth'))
    assert not (tmp_path / 'ran').exists()


def test_the_payload_of_the_test_above_is_real(tmp_path):
    pickle.loads(pickle.dumps(Executable(tmp_path / 'ran')))
    assert (tmp_path / 'ran').exists()


def test_a_damaged_or_missing_checkpoint_is_named(tmp_path):
    torch.save(own_checkpoint(), tmp_path / 'whole.pth')
    whole = (tmp_path / 'whole.pth').read_bytes()
    none, damaged = r'cut.pth is not a checkpoint: it', r'cut.pth is refused: it is damaged'
    contents = {b'not a checkpoint': none, b'': none, whole[:100]: damaged, whole[: len(whole) // 2]: damaged}
    for content, message in contents.items():
        (tmp_path / 'cut.pth').write_bytes(content)
        with pytest.raises(CheckpointError, match=message):
            CheckpointLoader.load_checkpoint(str(tmp_path / 'cut.pth'))
    with pytest.raises(FileNotFoundError, match=r'no checkpoint .*gone.pth'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'gone.pth'))


def test_old_torch_is_left_alone(monkeypatch):
    before = dict(CheckpointLoader._schemes)
    monkeypatch.setattr(torch, '__version__', '2.5.1+cpu')
    assert compat.load_own_checkpoints() is False
    assert CheckpointLoader._schemes == before


def test_what_the_import_replaces_and_that_it_does_so_once():
    import mmsepbn.datasets.cofw  # noqa: F401

    assert type(get_file_backend('a.jpg')) is ImageBackend
    assert WEIGHT_INITIALIZERS.get('Pretrained') is CheckedPretrainedInit
    assert not read_images_in_cofw_files()
    assert not compat.refuse_unfit_weights()


def test_full_mmcv_is_left_alone(monkeypatch):
    from mmcv.utils import ext_loader

    monkeypatch.setattr(ext_loader, 'load_ext', 'theirs')
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: 'a compiled extension')
    assert compat.allow_mmcv_lite() is False
    assert ext_loader.load_ext == 'theirs'


@pytest.mark.skipif(FULL_MMCV, reason='full MMCV is installed')
def test_missing_ops_raise_when_called():
    import mmpose.models  # noqa: F401
    from mmcv.ops import nms

    with pytest.raises(ImportError, match='needs the full mmcv package'):
        nms(torch.zeros(1, 4), torch.zeros(1), 0.5)


@pytest.mark.slow
def test_the_registry_imports_on_its_own():
    subprocess.run([sys.executable, '-c', 'import mmsepbn.registry'], check=True)


def test_a_config_is_laid_out_once_as_mmengine_does(monkeypatch):
    laid_out = []

    def lay_out(text, **options):
        laid_out.append(text)
        return FormatCode(text, **options)

    monkeypatch.setattr('mmengine.config.config.FormatCode', lay_out)
    config = Config(dict(a=dict(b=list(range(40)))))
    plain = config.pretty_text
    assert compat.format_configs_once()
    assert not compat.format_configs_once()
    laid_out.clear()
    assert config.pretty_text == config.pretty_text == plain
    assert len(laid_out) == 1
    config.a.c = 3
    assert 'c=3' in config.pretty_text
    monkeypatch.delattr('mmengine.config.config.FormatCode')
    assert not compat.format_configs_once()


def test_cpu_launch_does_nothing_without_a_launcher():
    cfg = Config(dict(launcher='none'))
    assert compat.prepare_cpu_launch(cfg) is False
    assert 'model_wrapper_cfg' not in cfg


@pytest.mark.parametrize('norm', ['BN', 'mmsepbn.SepBN'])
def test_a_backbone_with_activation_checkpointing_learns_the_same(norm):
    from mmengine.runner.activation_checkpointing import turn_on_activation_checkpointing

    from mmsepbn.models import VanillaCNN

    gradients = []
    for names in ([], ['backbone']):
        torch.manual_seed(0)
        network = torch.nn.ModuleDict(dict(backbone=VanillaCNN(widths=(4, 8), norm_cfg=dict(type=norm))))
        turn_on_activation_checkpointing(network, names)
        images = torch.randn(3, 3, 16, 16)
        (network['backbone'](images)[0] * torch.arange(8.0).view(8, 1, 1)).square().sum().backward()
        gradients.append([parameter.grad for parameter in network.parameters()])
    assert all(torch.equal(plain, again) for plain, again in zip(*gradients, strict=True))
