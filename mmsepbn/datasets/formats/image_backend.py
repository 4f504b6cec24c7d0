"""Images inside of COFW's files for MMEngine's file client, by which MMPose's tools read images."""

from pathlib import Path

import cv2
from mmengine.fileio import LocalBackend

from mmsepbn.datasets.formats.image_file import is_mat_image, read_image


class ImageBackend(LocalBackend):
    """MMEngine's local files; an image inside of a COFW file is read as a PNG file of its name would be."""

    def get(self, filepath: str | Path) -> bytes:
        """The content of a file. Raises FileNotFoundError if it does not exist."""
        if is_mat_image(str(filepath)):
            return cv2.imencode('.png', read_image(str(filepath)))[1].tobytes()
        return super().get(filepath)
