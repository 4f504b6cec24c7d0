"""The head pose, computed from landmarks."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mmsepbn.protocols import Protocol

Domain = Literal['frontal', 'left', 'right']
DOMAINS = get_args(Domain)
_TURNED = 0.3


def pose_domain(
    landmarks: NDArray[np.floating], protocol: Protocol, annotated: NDArray[np.floating] | None = None
) -> Domain | None:
    """Near-frontal, or turned so that the nose points to image-left or image-right: (L, 2) -> name.

    The nose tip is projected on the line of the outer eye corners: 0 at the image-left corner, 1 at the image-right
    one, whatever the roll. Below 0.3 the head is turned to image-left, above 0.7 to image-right. None where the
    protocol has no outer eye corners, or one of the three landmarks has no positive entry in ``annotated`` (L,).
    """
    if protocol.eye_corners is None or protocol.nose_tip is None:
        return None
    if annotated is not None and not (np.asarray(annotated)[[*protocol.eye_corners, protocol.nose_tip]] > 0).all():
        return None
    left, right = (np.asarray(landmarks[corner], np.float64) for corner in protocol.eye_corners)
    line, nose = right - left, np.asarray(landmarks[protocol.nose_tip], np.float64) - left
    length = float(line @ line)
    place = float(nose @ line) / length if length > 0 else 0.5
    if place < _TURNED:
        return 'left'
    return 'right' if place > 1 - _TURNED else 'frontal'


def mirrored_domain(domain: Domain | None) -> Domain | None:
    """The head pose of the mirrored face."""
    if domain == 'left':
        return 'right'
    return 'left' if domain == 'right' else domain
