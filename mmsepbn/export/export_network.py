"""Export a config and a checkpoint to a self-describing ONNX file that was checked to predict the same."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config

from mmsepbn.apis.load_model import model_of, read_checkpoint
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.prediction_settings import prediction_settings
from mmsepbn.checkpoints.trained_config import portable_text
from mmsepbn.export.about import about_content, versions
from mmsepbn.export.check import Faces, faces_to_check, largest_difference
from mmsepbn.export.crop_network import CropNetwork, ExportError
from mmsepbn.export.onnx_graph import halve_weights, onnx_graph, set_metadata
from mmsepbn.runtime.metadata import metadata_of
from mmsepbn.runtime.onnx_network import OnnxNetwork
from mmsepbn.whole_file import write_whole
from mmsepbn.zoo.resolve import checkpoint_place

LICENCE = 'Code: Apache-2.0. Weights: under the terms of the data sets that they were trained on.'
LIMIT, HALF_LIMIT = 0.01, 0.1  # image pixels
PACKAGES = ('onnx', 'onnxscript', 'onnxruntime')


class Exported(NamedTuple):
    """The result of the check.

    Attributes:
        difference: the largest from the network in torch, in image pixels.
        faces: those used.
    """

    difference: float
    faces: Faces


def export_network(
    config: Config, checkpoint: str | Path, path: Path, half: bool = False, licence: str = LICENCE, faces: int = 16
) -> Exported:
    """Write the network as ONNX, check it with onnxruntime, and move it into place if it predicts the same as torch.

    Args:
        config: of the network; its head's branches are what is exported.
        checkpoint: its weights, a file, an address, or a network of the zoo.
        path: the file.
        half: store weights in half precision; computation stays in float32.
        licence: for the metadata.
        faces: number of test faces for the check.

    Raises:
        ImportError: onnx, onnxscript or onnxruntime is missing.
        ExportError: the network cannot be exported; or landmarks differ by more than 0.01 image pixels, or than 0.1
            with ``half``.
        FileNotFoundError, CheckpointError, ValueError: see :func:`load_model`, :func:`network_info`.
    """
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        raise ImportError(f'Exporting needs {", ".join(missing)}: pip install "mmsepbn[export]".')
    checkpoint = checkpoint_place(checkpoint)
    info, content = network_info(config), read_checkpoint(checkpoint)
    model = model_of(config, content)
    info = replace(info, **prediction_settings(checkpoint, content))
    about = dict(config=portable_text(config), licence=licence, versions=versions())
    about |= about_content(checkpoint, content, config, model.state_dict(), half)
    graph = onnx_graph(CropNetwork(model), info.input_size)
    if half:
        halve_weights(graph)
    set_metadata(graph, metadata_of(info, about))
    tried = faces_to_check(config, info, faces)
    seen: list[float] = []

    def check(written: Path) -> None:
        seen.append(largest_difference(model, OnnxNetwork(written), tried))
        require_close(seen[0], half)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, graph.SerializeToString(), check)
    return Exported(seen[0], tried)


def require_close(difference: float, half: bool) -> None:
    """Raise ExportError unless landmarks differ little enough; NaN is too much."""
    limit = HALF_LIMIT if half else LIMIT
    if not difference <= limit:
        advice = 'Half precision (--fp16) is too coarse for it.' if half else 'Nothing was written.'
        raise ExportError(
            f'The ONNX file must predict as the network in torch does, to {limit} image pixels. A landmark is off by '
            f'{difference:.3g}. {advice}'
        )
