"""A look at every picture of a data set before training: is it whole, and are the faces in it?"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.image_file import is_mat_image, read_image


def picture_problems(dataset: FaceDataset) -> list[str]:
    """What is wrong with the pictures of a data set; each is read once, on all cores."""
    boxes: defaultdict[str, list[NDArray[np.floating]]] = defaultdict(list)
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        boxes[info['img_path']].extend(info['bbox'])
    with ThreadPoolExecutor() as threads:  # decoders do not hold the interpreter's lock
        return [problem for problem in threads.map(picture_problem, boxes, boxes.values()) if problem]


def picture_problem(path: str, boxes: Sequence[NDArray[np.floating]]) -> str | None:
    """Why a picture does not serve: it cannot be read, ends early, or lies beside a face's box; None: it does.

    Args:
        path: as :func:`read_image` takes it.
        boxes: (4,) x1, y1, x2, y2 of the faces in it, in pixels.
    """
    try:
        height, width = read_image(path).shape[:2]
        if not is_mat_image(path):
            with Image.open(path) as picture:  # OpenCV fills up what is missing of a JPEG with gray
                picture.load()
    except FileNotFoundError as error:
        return str(error)
    except OSError as error:
        return f'The picture {path} is not whole: {error}.'
    for x1, y1, x2, y2 in boxes:
        if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
            box = [round(float(side), 1) for side in (x1, y1, x2, y2)]
            return f'The picture {path} has {width} x {height} pixels, and a face has its box at {box}.'
    return None
