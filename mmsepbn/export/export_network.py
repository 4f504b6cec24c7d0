"""Export a config and a checkpoint to a self-describing ONNX file that was checked to predict the same."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config
from mmengine.runner import CheckpointLoader

from mmsepbn.apis.load_model import load_model
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.prediction_settings import prediction_settings
from mmsepbn.checkpoints.digest import weights_sha256
from mmsepbn.checkpoints.trained_config import portable_text
from mmsepbn.export.about import (
    about_network,
    about_training,
    precision,
    published_notes,
    results_in_folder,
    versions,
)
from mmsepbn.export.check import faces_to_check, largest_difference
from mmsepbn.export.crop_network import CropNetwork, ExportError
from mmsepbn.export.onnx_graph import halve_weights, onnx_graph, set_metadata
from mmsepbn.export.write import write_checked
from mmsepbn.runtime.metadata import metadata_of
from mmsepbn.runtime.onnx_network import OnnxNetwork
from mmsepbn.zoo.resolve import checkpoint_place

LICENCE = 'Code: Apache-2.0. Weights: under the terms of the data sets that they were trained on.'
LIMIT, HALF_LIMIT = 0.01, 0.1  # image pixels
PACKAGES = ('onnx', 'onnxscript', 'onnxruntime')


class Exported(NamedTuple):
    """The result of the check.

    Attributes:
        difference: the largest from the network in torch, in image pixels.
        faces: description of the faces used.
    """

    difference: float
    faces: str


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
    info, model = network_info(config), load_model(config, checkpoint)
    content = CheckpointLoader.load_checkpoint(checkpoint, map_location='meta', logger='silent')
    state = model.state_dict()
    info = replace(info, **prediction_settings(checkpoint, content))
    about = dict(
        config=portable_text(config),
        licence=licence,
        weights_sha256=weights_sha256(state),
        versions=versions(),
        network=about_network(config, state),
        training=about_training(content),
        results=results_in_folder(Path(checkpoint)),
        precision=precision(half),
    ) | published_notes(content)
    graph = onnx_graph(CropNetwork(model), info.input_size)
    if half:
        halve_weights(graph)
    set_metadata(graph, metadata_of(info, about))
    tried = faces_to_check(config, info, faces)
    seen: list[float] = []

    def check(written: Path) -> None:
        seen.append(largest_difference(model, OnnxNetwork(written), tried))
        require_close(seen[0], half)

    write_checked(graph, path, check)
    return Exported(seen[0], tried.source)


def require_close(difference: float, half: bool) -> None:
    """Raise ExportError unless landmarks differ little enough; NaN is too much."""
    limit = HALF_LIMIT if half else LIMIT
    if not difference <= limit:
        advice = 'Half precision (--fp16) is too coarse for it.' if half else 'Nothing was written.'
        raise ExportError(
            f'The ONNX file must predict as the network in torch does, to {limit} image pixels. A landmark is off by '
            f'{difference:.3g}. {advice}'
        )
