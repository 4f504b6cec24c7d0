"""The part of an image that a face cache keeps."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.image_part import part_to_image
from mmsepbn.datasets.transforms.crop_reach import CropReach


class Region(NamedTuple):
    """A rectangle of whole pixels of an image, and the size at which it is kept.

    Attributes:
        left: first column.
        top: first row.
        right: behind the last column.
        bottom: behind the last row.
        columns: at which it is kept, at most ``right - left``.
        rows: likewise.
    """

    left: int
    top: int
    right: int
    bottom: int
    columns: int
    rows: int

    @property
    def to_image(self) -> NDArray[np.float64]:
        """The map (3, 3) from pixels that are kept to those of the image."""
        return part_to_image(
            self.left, self.top, (self.right - self.left) / self.columns, (self.bottom - self.top) / self.rows
        )


def face_region(box: NDArray[np.floating], shape: tuple[int, ...], reach: CropReach) -> Region:
    """What crops of that reach can show of an image, at ``reach.pixels`` pixels to the box's side or all there are.

    Args:
        box: (4,) x1, y1, x2, y2 in image pixels.
        shape: height and width of the image.
        reach: of the crops.
    """
    x1, y1, x2, y2 = np.asarray(box, np.float64).tolist()
    side = max(x2 - x1, y2 - y1)
    step = max(1.0, side / reach.pixels)
    margin = 2 * step + 1  # what interpolation needs on either side, in kept pixels
    half = np.array([reach.across, reach.along]) * side + margin
    centre, limits = np.array([x1 + x2, y1 + y2]) / 2, np.array(shape[::-1])
    low = np.clip(np.floor(centre - half), 0, limits - 1).astype(int)
    high = np.clip(np.ceil(centre + half) + 1, low + 1, limits).astype(int)
    columns, rows = (max(1, math.ceil(length / step)) for length in (high - low).tolist())
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    return Region(left, top, right, bottom, columns, rows)


def cut_region(image: NDArray[np.uint8], region: Region) -> NDArray[np.uint8]:
    """The pixels (rows, columns, 3) of a region, each the mean of those of the image (H, W, 3) that it stands for."""
    part = image[region.top : region.bottom, region.left : region.right]
    if part.shape[:2] == (region.rows, region.columns):
        return np.ascontiguousarray(part)
    return np.asarray(cv2.resize(part, (region.columns, region.rows), interpolation=cv2.INTER_AREA), np.uint8)
