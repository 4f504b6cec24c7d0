"""Find faces that appear twice: test faces that are training faces too, and faces repeated in a set."""

import functools
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

FaceId = tuple[str, bytes]


def faces_of(dataset: Any) -> Iterator[FaceId]:
    """What tells the faces of a data set apart: the image, and the landmarks to a tenth of a pixel.

    By these a face is found again however it was chosen: by another file, split or pattern, or through a link.

    Args:
        dataset: any with ``get_data_info``, as MMEngine's; entries without an image or landmarks are left out.
    """
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        if 'img_path' in info and 'keypoints' in info:
            folder, name = os.path.split(info['img_path'])
            landmarks = np.round(np.asarray(info['keypoints'], np.float32), 1) + 0.0  # no -0.0
            yield os.path.join(_real_folder(folder), name), landmarks.tobytes()


@functools.lru_cache(maxsize=1024)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)
