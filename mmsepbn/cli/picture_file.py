"""An image named on the command line."""

import argparse
from pathlib import Path

import cv2

from mmsepbn.visualization.sheet import Picture


def picture_file(name: str) -> Path:
    """The path, as a type for argparse, which refuses a name that does not end as an image's."""
    if not cv2.haveImageWriter(name):
        raise argparse.ArgumentTypeError(f'must end as an image does, such as .png. Got {name!r}.')
    return Path(name)


def write_picture(path: Path, picture: Picture) -> None:
    """Write an image, in a folder that is made where missing. Raises OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), picture):
        raise OSError(f'The image {path} cannot be written.')
