"""Detections of the annotated faces of data sets, and errors of landmarks with a detector's boxes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from mmsepbn.apis.cut import PLAIN, cut_face, disagreements, passes_of
from mmsepbn.apis.image import open_image
from mmsepbn.boxes import Boxes, square_box
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.transforms.affine import CropAugmentation
from mmsepbn.datasets.transforms.exif_turn import box_to_stored
from mmsepbn.datasets.walk import face_datasets
from mmsepbn.detectors.detector import Detector
from mmsepbn.evaluation.face_result import face_result
from mmsepbn.protocols import get_protocol
from mmsepbn.runtime.network import Network

Sample = dict[str, Any]  # a face of a data set before the pipeline


def drawn_samples(dataset: Any, most: int | None = None) -> list[Sample]:
    """Faces of a data set, however it is wrapped: all, or ``most`` drawn at random, those of an image side by side.

    Raises:
        ValueError: there is no face data set of this package.
    """
    places = [(own, index) for own in face_datasets(dataset) for index in range(len(own))]
    if not places:
        raise ValueError(f'Boxes are fitted to data sets of mmsepbn. Got {type(dataset).__name__}.')
    order = np.random.default_rng(0).permutation(len(places))[:most]
    samples = [own.get_data_info(index) for own, index in (places[i] for i in order)]
    return sorted(samples, key=lambda sample: sample['img_path'])


def find_faces(samples: Sequence[Sample], detector: Detector, title: str = '') -> list[Boxes]:
    """What the detector finds in each face's image, as squares (N_i, 4) in pixels as they are stored."""

    @lru_cache(maxsize=1)  # faces of an image follow each other
    def found(path: str) -> Boxes:
        image = open_image(path)
        size = (image.pixels.shape[1], image.pixels.shape[0])
        boxes = detector(image.pixels, path).boxes
        return square_box(np.array([box_to_stored(box, image.orientation, size) for box in boxes]).reshape(-1, 4))

    shown = track(samples, title, console=Console(stderr=True), disable=not title)
    return [found(sample['img_path']) for sample in shown]


class Prediction(NamedTuple):
    """Results of a network on N faces, each cut out by B boxes.

    Attributes:
        errors: (N, B) NME as FaceLandmarkMetric has it, with normalizers of the data set's own boxes and landmarks.
        disagreements: (N, B) of the passes, see :func:`mmsepbn.apis.confidence.disagreement`; NaN for a single one.
    """

    errors: NDArray[np.float64]
    disagreements: NDArray[np.float64]


def predict_faces(
    network: Network,
    samples: Sequence[Sample],
    boxes: NDArray[np.floating],
    changes: Sequence[CropAugmentation] = PLAIN,
) -> Prediction:
    """Predict faces cut out by other boxes (N, B, 4), in one pass or several over changed crops.

    Raises:
        ValueError: a face has no normalizer, or its prediction is not finite; names the face.
    """
    rows = [_predicted(network, sample, own, changes) for sample, own in zip(samples, boxes, strict=True)]
    return Prediction(*np.array(rows, np.float64).reshape(-1, 2, boxes.shape[1]).swapaxes(0, 1))


def _predicted(
    network: Network, sample: Sample, boxes: NDArray[np.floating], changes: Sequence[CropAugmentation]
) -> tuple[list[float], NDArray[np.floating]]:
    """Errors and disagreements of one face with each box."""
    image, name = read_image(sample['img_path']), sample['protocol']
    cuts = [cut_face(image, box, network.info, changes=changes) for box in boxes]
    passes = passes_of(network, cuts, [name], changes)
    truth = [sample[key][0] for key in ('keypoints', 'keypoints_visible', 'bbox')]
    protocol = get_protocol(name)
    errors = [face_result(sample, protocol, points, *truth).nme for points in passes[name][0]]
    spread = disagreements(passes, cuts)[name] if len(changes) > 1 else np.full(len(boxes), np.nan)
    return errors, spread
