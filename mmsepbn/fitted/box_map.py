"""The linear map from one kind of face box to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import centres


@dataclass(frozen=True)
class BoxMap:
    """Shift and scale of a square box, as fractions of its side; the default changes nothing.

    Attributes:
        shift_x, shift_y: added to the centre.
        scale: factor on the side.
    """

    shift_x: float = 0.0
    shift_y: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse invalid maps."""
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
                raise ValueError(f'BoxMap({name}=) must be a finite number. Got {value!r}.')
        if not self.scale > 0:
            raise ValueError(f'BoxMap(scale=) must be above 0. Got {self.scale}.')

    def __call__(self, square: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map a square box (..., 4), x1, y1, x2, y2."""
        boxes = np.asarray(square, np.float64)
        side = boxes[..., 2:3] - boxes[..., :1]
        centre = centres(boxes) + side * np.array([self.shift_x, self.shift_y])
        half = side * self.scale / 2
        return np.concatenate((centre - half, centre + half), axis=-1)


def map_name(detector: str, protocol: str) -> str:
    """The key of the map to the boxes of one protocol's set, where a network was trained on several."""
    return f'{detector}/{protocol}'


def box_map_for(box_maps: Mapping[str, BoxMap], detector: str, protocols: Sequence[str]) -> BoxMap:
    """The map for a detector's boxes: a single protocol's own map if there is one; no change if no map is known.

    For several protocols at once, which share a crop, it is the one for the boxes of all sets together.
    """
    own = box_maps.get(map_name(detector, protocols[0])) if len(protocols) == 1 else None
    return own or box_maps.get(detector) or BoxMap()
