"""Detections of the annotated faces of data sets, and errors of landmarks with a detector's boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from mmsepbn.apis.cut import PLAIN, cut_face, disagreements, passes_of
from mmsepbn.apis.image import open_image
from mmsepbn.apis.network import Network
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.transforms.affine import CropAugmentation
from mmsepbn.datasets.transforms.exif_turn import box_to_stored
from mmsepbn.datasets.walk import face_datasets
from mmsepbn.detectors.detector import Detector
from mmsepbn.detectors.fit import Boxes, squares
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.protocols import get_protocol


@dataclass(frozen=True)
class AnnotatedSample:
    """A face of a data set: the set, and its sample before the pipeline."""

    dataset: FaceDataset
    info: dict[str, Any]

    @property
    def protocol(self) -> str:
        """Name of its protocol."""
        return str(self.info['protocol'])

    @property
    def name(self) -> str:
        """Name of the data set."""
        return str(self.info['dataset_name'])

    @property
    def box(self) -> NDArray[np.float64]:
        """The data set's box (4,) x1, y1, x2, y2."""
        return np.asarray(self.info['bbox'][0], np.float64)


def drawn_samples(dataset: Any, most: int | None = None, seed: int = 0) -> list[AnnotatedSample]:
    """Faces of a data set, however it is wrapped: all, or ``most`` drawn at random, those of an image side by side.

    Raises:
        ValueError: there is no face data set of this package.
    """
    places = [(own, index) for own in face_datasets(dataset) for index in range(len(own))]
    if not places:
        raise ValueError(f'Boxes are fitted to data sets of mmsepbn. Got {type(dataset).__name__}.')
    order = np.random.default_rng(seed).permutation(len(places))[:most]
    samples = [AnnotatedSample(own, own.get_data_info(index)) for own, index in (places[i] for i in order)]
    return sorted(samples, key=lambda sample: sample.info['img_path'])


def find_faces(samples: Sequence[AnnotatedSample], detector: Detector, title: str = '') -> list[Boxes]:
    """What the detector finds in each face's image, as squares (N_i, 4) in pixels as they are stored."""

    @lru_cache(maxsize=1)  # faces of an image follow each other
    def found(path: str) -> Boxes:
        image = open_image(path)
        size = (image.pixels.shape[1], image.pixels.shape[0])
        boxes = detector(image.pixels, path).boxes
        return squares(np.array([box_to_stored(box, image.orientation, size) for box in boxes]).reshape(-1, 4))

    shown = track(samples, title, console=Console(stderr=True), disable=not title)
    return [found(sample.info['img_path']) for sample in shown]


class Prediction(NamedTuple):
    """Results of a network on N faces.

    Attributes:
        errors: (N,) NME as FaceLandmarkMetric has it, with normalizers of the data set's own boxes and landmarks.
        disagreements: (N,) of the passes, see :func:`mmsepbn.apis.confidence.disagreement`; NaN for a single one.
    """

    errors: NDArray[np.float64]
    disagreements: NDArray[np.float64]


def predict_faces(
    network: Network,
    samples: Sequence[AnnotatedSample],
    boxes: NDArray[np.floating],
    changes: Sequence[CropAugmentation] = PLAIN,
) -> Prediction:
    """Predict faces that are cut out by other boxes (N, 4), in one pass or several over changed crops."""
    rows = [_predicted(network, sample, box, changes) for sample, box in zip(samples, boxes, strict=True)]
    errors, spread = np.array(rows, np.float64).reshape(-1, 2).T
    return Prediction(errors, spread)


def _predicted(
    network: Network, sample: AnnotatedSample, box: NDArray[np.floating], changes: Sequence[CropAugmentation]
) -> tuple[float, float]:
    """Error and disagreement of one face."""
    cut = cut_face(read_image(sample.info['img_path']), box, network.info, changes=changes)
    passes = passes_of(network, [cut], [sample.protocol], changes)
    truth, annotated, own = (sample.info[name] for name in ('keypoints', 'keypoints_visible', 'bbox'))
    normalizers = get_protocol(sample.protocol).normalizers(truth, own)
    error = normalized_mean_error(passes[sample.protocol][0], truth, normalizers, annotated)
    spread = disagreements(passes, [cut])[sample.protocol][0] if len(changes) > 1 else np.nan
    return float(error[0]), float(spread)
