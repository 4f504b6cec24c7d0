"""The network that a user names."""

from pathlib import Path
from typing import TYPE_CHECKING

from mmsepbn.apis.network import Network

if TYPE_CHECKING:
    from mmengine.config import Config


def load_network(
    config: 'str | Path | Config | Network | None', checkpoint: str | Path | None = None, device: str = 'cpu'
) -> Network:
    """The network of a config and its checkpoint, or of an ONNX file, for which torch is not imported.

    Raises:
        ValueError: there is nothing to load, a checkpoint is missing or too much, or the network cannot predict.
        FileNotFoundError, CheckpointError, OptionError: a file is missing, or is not what it should be.
    """
    if config is None:
        raise ValueError('FaceLandmarker(config=) must be a config with its checkpoint, or an .onnx file. Got neither.')
    if hasattr(config, 'info') and callable(config):
        return config
    if isinstance(config, str | Path) and str(config).lower().endswith('.onnx'):
        if checkpoint is not None:
            raise ValueError(f'FaceLandmarker(checkpoint=) must be left out for an .onnx file. Got {checkpoint}.')
        from mmsepbn.runtime.onnx_network import OnnxNetwork

        return OnnxNetwork(Path(config), provider=None if device == 'cpu' else device)
    if checkpoint is None:
        raise ValueError('FaceLandmarker(checkpoint=) must be a checkpoint of the config. Got none.')
    from mmsepbn.apis.torch_network import TorchNetwork

    return TorchNetwork(config, checkpoint, device)
