"""Load the network that a user names."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from mmsepbn.runtime.network import Network
from mmsepbn.zoo import index
from mmsepbn.zoo.resolve import find_network, is_zoo_name, network_of, verified

if TYPE_CHECKING:
    from mmengine.config import Config

_OF_TORCH = ('.pth', '.pt', '.ckpt', '.bin')  # suffixes that checkpoints have


def load_network(
    config: 'str | Path | Config | Network | None' = None, checkpoint: str | Path | None = None, device: str = 'cpu'
) -> Network:
    """The network of a config and its checkpoint, of an ONNX file, or of the zoo; for the latter two without torch.

    A checkpoint given without a config must contain it, as those of training and of the zoo do.

    Raises:
        ValueError: there is nothing to load, a checkpoint is missing or too much, or the network cannot predict.
        FileNotFoundError, CheckpointError, OptionError, ZooError: a file is missing, or is not what it should be.
    """
    if hasattr(config, 'info') and callable(config):
        return config
    _refuse_mistaken(config, checkpoint)
    if _is_onnx(config):
        return _in_onnxruntime(config, device)
    if checkpoint is None:
        if config is None or is_zoo_name(config):
            file = published_file(config)
            return _in_onnxruntime(file, device) if file.suffix == '.onnx' else _in_torch(file, device)
        named = f' {config}' if isinstance(config, str | Path) else ''
        raise ValueError(
            f'FaceLandmarker(checkpoint=), --checkpoint of the tools, must be a checkpoint of the config{named}. '
            'Got none.'
        )
    if config is None:
        return _in_torch(checkpoint, device)
    from mmsepbn.apis.torch_network import TorchNetwork

    return TorchNetwork(config, checkpoint, device)


def _refuse_mistaken(config: object, checkpoint: str | Path | None) -> None:
    """Refuse a kind of file in the place of another."""
    if _is_onnx(config) and checkpoint is not None:
        raise ValueError(f'FaceLandmarker(checkpoint=) must be left out for an .onnx file. Got {checkpoint}.')
    if _is_onnx(checkpoint):
        raise ValueError(
            f'FaceLandmarker(checkpoint=) must be a checkpoint. Got {checkpoint}: an .onnx file is the first argument, '
            '--model of tools/predict.py.'
        )
    if checkpoint is None and isinstance(config, str | Path) and Path(config).suffix.lower() in _OF_TORCH:
        raise ValueError(
            f'FaceLandmarker(config=) must be a config or an .onnx file. Got {config}: give it as checkpoint=, '
            '--checkpoint of tools/predict.py.'
        )


def _is_onnx(file: object) -> TypeGuard[str | Path]:
    return isinstance(file, str | Path) and Path(file).suffix.lower() == '.onnx'


def published_file(name: str | None) -> Path:
    """A verified file of a network of the zoo: its ONNX, or, where onnxruntime is missing, its checkpoint.

    The latter is warned of once, because Python shows a warning of the same line of code once.

    Raises:
        FileNotFoundError, ZooError: there is no such network, or its file is damaged.
    """
    network = find_network(name, index.read_index(index.FOLDER))
    try:
        import onnxruntime  # noqa: F401
    except ImportError:
        warnings.warn(
            f'onnxruntime is missing, so {network.name} runs in torch: pip install "mmsepbn[runtime]".', stacklevel=2
        )
        return verified(index.FOLDER, network.checkpoint)
    return verified(index.FOLDER, network.onnx)


def _in_torch(checkpoint: str | Path, device: str) -> Network:
    try:
        from mmsepbn.apis.torch_network import TorchNetwork
    except ImportError as error:
        raise ImportError(
            f'It needs onnxruntime, pip install "mmsepbn[runtime]", or torch and MMPose: {error}'
        ) from None
    return TorchNetwork(None, checkpoint, device)


def _in_onnxruntime(file: str | Path, device: str) -> Network:
    from mmsepbn.runtime.onnx_network import OnnxNetwork, ProviderError

    try:
        return OnnxNetwork(file, provider=None if device == 'cpu' else device)
    except ProviderError as error:
        kind = device.partition(':')[0]
        advice = ' On a GPU an ONNX file needs onnxruntime-gpu in place of onnxruntime.' if kind == 'cuda' else ''
        if kind in ('cuda', 'mps', 'xpu') and (network := network_of(file)):
            advice += f' --checkpoint {network.name}, checkpoint= in Python, runs it in torch.'
        raise ValueError(f'FaceLandmarker(device=) {error.reason}{advice}') from None
