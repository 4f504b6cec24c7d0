"""The prediction for one face, as plain data."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Face:
    """One face of an image; all coordinates are pixels of that image, x to the right, y down, 0-based.

    Attributes:
        box: (4,) float64 x1, y1, x2, y2, as it was given or found, before it is fitted, squared and enlarged; in a
            video a square, where the face was looked for.
        landmarks: name of the protocol -> (L, 2) float32.
        confidence: 0 to 1, by how far passes over changed crops agree, the mean over the protocols; None if they were
            not requested.
        score: 0 to 1, the detector's; None where the box was given, or the detector has none. In a video that of when
            the face was found last.
        track: the same number for the same face in all frames of a video; None elsewhere.
        detector: whose box it is, a key of NetworkInfo.box_maps; None where boxes are given as those of training are.
            In a video who found the face; its box is of training's kind.
    """

    box: NDArray[np.float64]
    landmarks: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    confidence: float | None = None
    score: float | None = None
    track: int | None = None
    detector: str | None = None
