"""Load the network that a user names."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mmsepbn.apis.network import Network
from mmsepbn.zoo import index
from mmsepbn.zoo.resolve import find_network, is_zoo_name, verified

if TYPE_CHECKING:
    from mmengine.config import Config


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
    if isinstance(config, str | Path) and str(config).lower().endswith('.onnx'):
        if checkpoint is not None:
            raise ValueError(f'FaceLandmarker(checkpoint=) must be left out for an .onnx file. Got {checkpoint}.')
        return _in_onnxruntime(config, device)
    if checkpoint is None:
        if config is None or is_zoo_name(config):
            file = published_file(config)
            return _in_onnxruntime(file, device) if file.suffix == '.onnx' else _in_torch(file, device)
        raise ValueError('FaceLandmarker(checkpoint=) must be a checkpoint of the config. Got none.')
    if config is None:
        return _in_torch(checkpoint, device)
    from mmsepbn.apis.torch_network import TorchNetwork

    return TorchNetwork(config, checkpoint, device)


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
        from mmsepbn.apis.torch_network import published_network
    except ImportError as error:
        raise ImportError(
            f'It needs onnxruntime, pip install "mmsepbn[runtime]", or torch and MMPose: {error}'
        ) from None
    return published_network(checkpoint, device)


def _in_onnxruntime(file: str | Path, device: str) -> Network:
    from mmsepbn.runtime.onnx_network import OnnxNetwork

    return OnnxNetwork(file, provider=None if device == 'cpu' else device)
