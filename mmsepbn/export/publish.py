"""From a trained checkpoint to the two files of a network of the zoo, and its entry in the index."""

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from mmsepbn.apis.load_model import model_of
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.prediction_settings import prediction_settings
from mmsepbn.checkpoints.file import load_from_local
from mmsepbn.evaluation.results_table import group_rows
from mmsepbn.export.about import about_training
from mmsepbn.export.check import largest_difference
from mmsepbn.export.export_network import export_network, require_close
from mmsepbn.export.half_checkpoint import half_checkpoint
from mmsepbn.file_digest import file_sha256
from mmsepbn.runtime.onnx_network import OnnxNetwork
from mmsepbn.whole_file import write_whole
from mmsepbn.zoo.index import NAME, ZooError, ZooFile, ZooNetwork, read_index, write_index

_FACES = 16  # that the files are tried on
_NOTED = ('sets', 'epochs', 'seed', 'date')  # of its training, by every checkpoint of a Runner


@dataclass(frozen=True)
class Card:
    """Description of a network that its checkpoint does not contain; see :class:`mmsepbn.zoo.index.ZooNetwork`."""

    name: str
    summary: str
    config: str
    results: Mapping[str, Mapping[str, float]]
    data: str
    fails: str
    licences: Mapping[str, str]
    source: Mapping[str, Any]
    test_faces: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an incomplete card."""
        if not NAME.fullmatch(self.name):
            raise ZooError(f"Card(name=) must be lower-case letters, digits, '_' and '-'. Got {self.name!r}.")
        for part in ('summary', 'data', 'fails'):
            if not getattr(self, part):
                raise ZooError(f'Card({part}=) must be a text. Got nothing.')
        if not self.results:
            raise ZooError('Card(results=) must map a label to rows of FaceLandmarkMetric. Got nothing.')
        known = {name for rows in self.results.values() for name in group_rows(rows)}
        if unknown := sorted(set(self.test_faces) - known):
            raise ZooError(f'Card(test_faces=) must name sets of the results, {sorted(known)}. Got {unknown}.')


def publish(
    config: Config, checkpoint: Path, card: Card, folder: Path, most_bytes: int, overwrite: bool = False
) -> ZooNetwork:
    """Write a network into the folder of a zoo and add it to the index, at its place if it replaces one.

    The checkpoint is written first and the ONNX file made from it, so that both hold the same weights; it is compared
    with the network as it was trained.

    Args:
        config: of the network.
        checkpoint: of its training; box maps and calibration are those that tools/fit_boxes.py stored next to it.
        card: its description.
        folder: of the zoo; created if missing.
        most_bytes: maximum size of the two files together.
        overwrite: replace a network of that name.

    Raises:
        ZooError: the name is taken, the files are too large, or the checkpoint is not one of a training of the config.
        ExportError, ImportError, FileNotFoundError, CheckpointError, ValueError: see :func:`export_network`.
    """
    others = read_index(folder)
    before = next((network for network in others if network.name == card.name), None)
    if before and not overwrite:
        raise ZooError(f'There is a network {card.name} already: --overwrite replaces it.')
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f'.{card.name}.', dir=folder) as work:
        onnx, half = Path(work, f'{card.name}.onnx'), Path(work, f'{card.name}.pth')
        content = load_from_local(str(checkpoint), 'cpu')
        model = model_of(config, content)
        _write_checkpoint(config, checkpoint, content, model.state_dict(), card, half)
        faces = export_network(config, half, onnx, half=True, faces=_FACES).faces
        made = OnnxNetwork(onnx)
        difference = largest_difference(model, made, faces)  # from the network as it was trained
        require_close(difference, half=True)
        size = onnx.stat().st_size + half.stat().st_size
        if size > most_bytes:
            raise ZooError(f'The files must have {most_bytes / 1e6:g} MB at most together. Got {size / 1e6:.2f} MB.')
        network = ZooNetwork(
            onnx=_placed(onnx, folder),
            checkpoint=_placed(half, folder),
            protocols=tuple(protocol.name for protocol in made.info.protocols),
            input_size=made.info.input_size,
            box_maps=made.info.box_maps,
            calibration=made.info.calibration,
            network=made.about['network'],
            training=made.about['training'],
            difference=difference,
            tried_on=faces.source.partition(' (')[0],  # what follows may name folders
            **vars(card),
        )
    write_index(folder, [network if each is before else each for each in others] + [network] * (before is None))
    _remove(before, network, folder)
    return network


def _write_checkpoint(
    config: Config,
    checkpoint: Path,
    content: Mapping[str, Any],
    state: Mapping[str, Tensor],
    card: Card,
    path: Path,
) -> None:
    info = replace(network_info(config), **prediction_settings(checkpoint, content))
    licence = f'Code: {card.licences["code"]}. Weights: {card.licences["data"]}'
    half = half_checkpoint(content, state, config, info, card.results, licence)
    _require_notes(about_training(content), about_training(half))
    buffer = io.BytesIO()  # in which torch names no file, so that equal networks make equal bytes
    torch.save(half, buffer)
    write_whole(path, buffer.getvalue())


def _require_notes(trained: Mapping[str, Any], published: Mapping[str, Any]) -> None:
    if missing := [name for name in _NOTED if name not in trained]:
        raise ZooError(f'The checkpoint must record how it was trained, as tools/train.py does. It lacks {missing}.')
    if trained['sets'] != published['sets']:
        raise ZooError(
            f'The config must train on the sets that the checkpoint was trained on, {trained["sets"]}. '
            f'Got {published["sets"]}.'
        )


def _placed(path: Path, folder: Path) -> ZooFile:
    digest = file_sha256(path)
    name = f'{path.stem}-{digest[:8]}{path.suffix}'
    size = path.stat().st_size
    path.replace(folder / name)
    return ZooFile(name, digest, size)


def _remove(before: ZooNetwork | None, network: ZooNetwork, folder: Path) -> None:
    """The files of the network that was replaced, but for those that are the same."""
    if before is not None:
        for name in {before.onnx.name, before.checkpoint.name} - {network.onnx.name, network.checkpoint.name}:
            (folder / name).unlink(missing_ok=True)
