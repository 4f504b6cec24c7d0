"""An image that is written where the command line says."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def image_output(name: str) -> Path:
    """The path, as a type for argparse, which refuses a name that does not end as an image's."""
    if not cv2.haveImageWriter(name):
        raise argparse.ArgumentTypeError(f'must end as an image does, such as .png. Got {name!r}.')
    return Path(name)


def write_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image (H, W, 3) BGR, into a folder that is made where missing. OSError: it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image):
        raise OSError(f'The image {path} cannot be written.')
