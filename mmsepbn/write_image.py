"""Write images."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def write_image(path: str | Path, image: NDArray[np.uint8]) -> None:
    """Write an image (H, W, 3) BGR in the format of the suffix, JPEG of quality 95; creates the folder if missing.

    Raises:
        OSError: it cannot be written; names the file.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image):
        raise OSError(f'The image {path} cannot be written.')
