"""The window that shows a video."""

import subprocess
import sys
from contextlib import suppress

import cv2
import numpy as np
from numpy.typing import NDArray

_KEYS_TO_END = (27, ord('q'))
_PATIENCE = 30  # seconds
_OPEN_WINDOW = """
import sys, cv2
try:
    cv2.namedWindow('mmsepbn')
except cv2.error as error:
    sys.exit(error.err)
"""


def check_window() -> None:
    """Check in a child process whether a window can be opened; without a display Qt ends the process.

    Raises:
        ValueError: it cannot; states why.
    """
    command = [sys.executable, '-c', _OPEN_WINDOW]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        if tried.returncode == 0:
            return
        reason = tried.stderr.decode(errors='replace').strip().partition('\n')[0]
    except subprocess.TimeoutExpired:
        reason = f'no answer within {_PATIENCE} seconds'
    raise ValueError(f'predict_video(show=) needs a display, and an OpenCV with windows. Got: {reason.rstrip(".")}.')


def show_image(image: NDArray[np.uint8], title: str) -> bool:
    """Show an image (H, W, 3) BGR; returns whether q or Escape was pressed."""
    cv2.imshow(title, image)
    return cv2.waitKey(1) & 0xFF in _KEYS_TO_END


def close_window(title: str) -> None:
    """Close the window of :func:`show_image`, if there is one."""
    with suppress(cv2.error):  # closed by hand, or no frame came
        cv2.destroyWindow(title)
