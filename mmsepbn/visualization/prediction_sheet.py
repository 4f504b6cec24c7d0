"""Images of predictions and ground truth."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import square_box
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.transforms.affine import crop_matrix, transform_points
from mmsepbn.datasets.transforms.warp import warped
from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.predictions import FacePrediction
from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.spread import spread

TRUTH_COLOR, PREDICTION_COLOR = (80, 220, 80), (60, 60, 255)  # BGR: green, red
_COLUMNS = 6
_CELL, _MARGIN, _CAPTION = 224, 1.35, 22
_BLACK = (0, 0, 0)
_RADIUS = int(fixed_point(1.5))


def choose_faces(results: Sequence[FaceResult], count: int) -> list[int]:
    """Rows of ``count`` faces from the best to the worst, evenly spaced in rank; the last is the worst of all."""
    order = np.argsort([result.nme for result in results], kind='stable')
    return order[spread(len(order), count)].tolist()


def prediction_sheet(runs: Mapping[str, tuple[Sequence[FaceResult], Sequence[FacePrediction]]]) -> NDArray[np.uint8]:
    """A row of faces for each run, predicted landmarks red over true ones green: BGR image.

    ``runs`` maps a name to the errors and predictions of the same test faces in one order. Columns go from the face of
    least error of the last run to that of greatest error. Of the true landmarks the annotated ones are shown.
    """
    chosen = choose_faces(list(runs.values())[-1][0], _COLUMNS)
    rows = []
    for name, (results, predictions) in runs.items():
        cells = [_cell(predictions[row], results[row], name) for row in chosen]
        rows.append(np.hstack(cells))
    legend = np.full((_CAPTION + 6, rows[0].shape[1], 3), 255, np.uint8)
    _write(legend, 'ground truth', 8, TRUTH_COLOR)
    _write(legend, 'prediction', 130, PREDICTION_COLOR)
    _write(legend, 'NME of each face; columns from the best to the worst face', 230, _BLACK)
    return np.vstack([legend, *rows])


def _cell(face: FacePrediction, result: FaceResult, name: str) -> NDArray[np.uint8]:
    image = read_image(face.image)
    truth = face.truth[face.annotated > 0]
    low, high = truth.min(axis=0), truth.max(axis=0)
    least = max(0.0, result.normalizer / 4 - (high - low).max()) / 2  # one annotated landmark alone has no size
    box = np.concatenate((low - least, high + least))
    matrix = crop_matrix(square_box(box, _MARGIN), (_CELL, _CELL))
    crop = warped(image, matrix, (_CELL, _CELL))
    for points, color in ((truth, TRUTH_COLOR), (face.predicted, PREDICTION_COLOR)):
        for place in fixed_point(transform_points(points, matrix)).tolist():
            cv2.circle(crop, place, _RADIUS, color, -1, cv2.LINE_AA, SHIFT)
    strip = np.full((_CAPTION, _CELL, 3), 255, np.uint8)
    _write(strip, f'{name} {100 * result.nme:.1f} %', 6, _BLACK)
    return np.pad(np.vstack([strip, crop]), ((0, 2), (0, 2), (0, 0)), constant_values=255)


def _write(image: NDArray[np.uint8], text: str, x: int, color: tuple[int, int, int]) -> None:
    cv2.putText(image, text, (x, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.48, color, 1, cv2.LINE_AA)
