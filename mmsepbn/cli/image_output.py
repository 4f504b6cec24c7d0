"""An image output named on the command line."""

import argparse
from pathlib import Path

import cv2

from mmsepbn.cli.output_file import require_writable


def image_output(name: str) -> Path:
    """The path, as a type for argparse, which refuses a name that no image can be written to."""
    if not cv2.haveImageWriter(name):
        raise argparse.ArgumentTypeError(f'must have an image suffix, such as .png. Got {name!r}.')
    require_writable(Path(name))
    return Path(name)
