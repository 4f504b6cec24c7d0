"""Check that an exported file predicts the same as its network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.transforms.face_crop import FaceCrop
from mmsepbn.datasets.transforms.pack_face_inputs import PackFaceInputs
from mmsepbn.models.heads.multi_protocol_head import protocol_meta
from mmsepbn.runtime.network import Network, NetworkInfo
from mmsepbn.spread import spread
from mmsepbn.synthetic import generate_faces


class Faces(NamedTuple):
    """Faces to compare predictions on.

    Attributes:
        source: a description for a report.
        packed: one for each face, as a test pipeline returns it: ``inputs`` (3, H, W) uint8 BGR and ``data_samples``.
    """

    source: str
    packed: list[dict[str, Any]]


def faces_to_check(config: Mapping[str, Any], info: NetworkInfo, count: int) -> Faces:
    """Faces spread over the test set of a config, or synthetic ones if it is not on this machine."""
    why = 'the config has none'
    try:
        if loader := config.get('test_dataloader'):
            return _spread(DATASETS.build(dict(loader['dataset'])), count)
    except (AnnotationError, FileNotFoundError) as error:
        why = str(error).splitlines()[0]
    return Faces(f'{count} synthetic faces, without the test set ({why})', list(_drawn(info, count)))


def _spread(dataset: Any, count: int) -> Faces:
    places = spread(len(dataset), count)
    return Faces(f'{len(places)} faces of the test set', [dataset[place] for place in places])


def _drawn(info: NetworkInfo, count: int) -> Iterator[dict[str, Any]]:
    crop, pack = FaceCrop(info.input_size, info.padding, info.antialias), PackFaceInputs()
    for face in generate_faces(count, seed=0, workers=1):
        box = np.array([face.box], np.float32)
        yield pack(crop(dict(img=face.image, bbox=box, bbox_score=np.ones(1, np.float32), img_path=face.name)))


def largest_difference(model: Any, network: Network, faces: Faces) -> float:
    """The largest difference of a coordinate of any protocol and face between two predictions, in image pixels.

    Args:
        model: the estimator, which predicts with MMPose's code, all of its pre- and post-processing included.
        network: what is compared with it.
        faces: see :func:`faces_to_check`.
    """
    crops = np.stack([_crop(item['inputs']) for item in faces.packed])
    names = [protocol.name for protocol in network.info.protocols]
    metas = [item['data_samples'].metainfo for item in faces.packed]
    found = network(crops, names)
    differences = [
        np.abs(_in_image(found[name], metas) - predicted_by_mmpose(model, crops, faces, name)).max() for name in names
    ]
    return float(np.max(differences))  # NaN, if one is


def predicted_by_mmpose(model: Any, crops: NDArray[np.uint8], faces: Faces, protocol: str) -> NDArray[np.float64]:
    """Landmarks (N, L, 2) in image pixels by one branch, as ``test_step`` returns them."""
    data = pseudo_collate(faces.packed)
    data['inputs'] = [torch.from_numpy(crop.transpose(2, 0, 1).copy()) for crop in crops]
    data['data_samples'] = [sample.clone() for sample in data['data_samples']]
    for sample in data['data_samples']:
        sample.set_metainfo(protocol_meta(protocol))
    with torch.no_grad():
        return np.concatenate([sample.pred_instances.keypoints for sample in model.test_step(data)])


def _crop(inputs: torch.Tensor) -> NDArray[np.uint8]:
    """(3, H, W) of any type -> (H, W, 3) uint8."""
    return inputs.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()


def _in_image(landmarks: NDArray[np.floating], metas: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Landmarks in crop pixels (N, L, 2) in pixels of the image of each face."""
    size, scale, centre = (
        np.array([meta[key] for meta in metas], np.float64)[:, None]
        for key in ('input_size', 'input_scale', 'input_center')
    )
    return np.asarray(landmarks, np.float64) / size * scale + centre - scale / 2
