"""Sheets of faces: cells, with or without landmarks, in rows under a heading. Images are (H, W, 3) BGR."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.protocols import Protocol

Image = NDArray[np.uint8]

_GAP, _HEADING = 4, 24
_DENSE = 50
_LINE, _DOT, _INK = (235, 190, 60), (60, 255, 90), (40, 40, 40)


def face_cell(
    image: Image,
    cell: int,
    protocol: Protocol | None = None,
    landmarks: NDArray[np.floating] | None = None,
    annotated: NDArray[np.floating] | None = None,
) -> Image:
    """An image resized to ``cell`` pixels square, with landmarks as dots and, where they are few, their curves.

    Args:
        image: of any size.
        cell: side in pixels.
        protocol: mark-up of ``landmarks``; None: the face alone.
        landmarks: (L, 2) x, y in pixels of ``image``.
        annotated: (L,) 0 where a landmark has no coordinates; it is left out. None: all have.
    """
    method = cv2.INTER_AREA if cell < len(image) else cv2.INTER_CUBIC
    drawn = np.asarray(cv2.resize(image, (cell, cell), interpolation=method), np.uint8)
    if protocol is None or landmarks is None:
        return drawn
    shown = np.ones(len(landmarks), bool) if annotated is None else np.asarray(annotated) > 0
    scale = cell / np.array(image.shape[1::-1])
    fixed = fixed_point((landmarks + 0.5) * scale - 0.5)
    dense = len(fixed) > _DENSE
    # Dots of dense protocols nearly touch; lines between them would only hide the face.
    for part in () if dense else protocol.parts:
        if curve := [index for index in part.indices if shown[index]]:
            cv2.polylines(drawn, [fixed[curve]], part.closed, _LINE, 1, cv2.LINE_AA, SHIFT)
    radius = int(fixed_point(max(cell / 192, 0.8) * (0.85 if dense else 1.8)))
    for point in fixed[shown].tolist():
        cv2.circle(drawn, point, radius, _DOT, -1, cv2.LINE_AA, SHIFT)
    return drawn


def captioned(cell: Image, caption: str) -> Image:
    """A copy of a cell with its caption in the lower left corner."""
    drawn, bottom = cell.copy(), len(cell)
    cv2.rectangle(drawn, (0, bottom - 17), (9 * len(caption) + 4, bottom), (255, 255, 255), -1)
    cv2.putText(drawn, caption, (4, bottom - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return drawn


def labelled_row(label: str, cells: Sequence[Image]) -> Image:
    """Cells side by side under a heading."""
    row = np.concatenate([np.pad(cell, ((0, 0), (0, _GAP), (0, 0)), constant_values=255) for cell in cells], axis=1)
    heading = np.full((_HEADING, row.shape[1], 3), 255, np.uint8)
    cv2.putText(heading, label, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.52, _INK, 1, cv2.LINE_AA)
    return np.concatenate((heading, row))


def stacked(rows: Sequence[Image]) -> Image:
    """Rows below each other, filled up with white to one width."""
    width = max(row.shape[1] for row in rows)
    filled = [np.pad(row, ((0, _GAP), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    return np.concatenate(filled)
