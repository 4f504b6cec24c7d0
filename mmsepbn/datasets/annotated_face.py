"""The record that generators and photo importers hand to every writer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.pose_domain import DOMAINS, Domain
from mmsepbn.protocols import WFLW, Protocol

TAGS = WFLW.subsets


@dataclass(frozen=True)
class AnnotatedFace:
    """One face in one image, synthetic or photographed; the input of every writer.

    Attributes:
        name: File stem, unique within a set.
        image: (H, W, 3) uint8, BGR.
        landmarks: Protocol name -> (L, 2) x, y in 0-based image pixels (pixel centres are whole numbers).
        box: x1, y1, x2, y2 in image pixels, what a face detector would give.
        tags: Which of ``TAGS`` apply to the whole face.
        domain: 'frontal', 'left' or 'right': where the nose points in the image.
    """

    name: str
    image: NDArray[np.uint8]
    landmarks: dict[str, NDArray[np.float64]]
    box: tuple[float, float, float, float]
    tags: frozenset[str] = frozenset()
    domain: Domain = 'frontal'

    def __post_init__(self) -> None:
        if not self.tags <= set(TAGS):
            raise ValueError(f'AnnotatedFace(tags=) must be among {TAGS}. Got {sorted(self.tags)}.')
        if self.domain not in DOMAINS:
            raise ValueError(f'AnnotatedFace(domain=) must be one of {DOMAINS}. Got {self.domain!r}.')

    def marked(self, protocol: Protocol) -> NDArray[np.float64]:
        """Landmarks of ``protocol``, (L, 2). Raises ValueError naming the face that lacks them."""
        if protocol.name not in self.landmarks:
            raise ValueError(f'{self.name!r} has no landmarks of {protocol.name!r}. Got {sorted(self.landmarks)}.')
        return self.landmarks[protocol.name]
