"""An image output named on the command line."""

import argparse
from pathlib import Path

import cv2


def image_output(name: str) -> Path:
    """The path, as a type for argparse, which refuses a name that does not end as an image's."""
    if not cv2.haveImageWriter(name):
        raise argparse.ArgumentTypeError(f'must have an image suffix, such as .png. Got {name!r}.')
    return Path(name)
