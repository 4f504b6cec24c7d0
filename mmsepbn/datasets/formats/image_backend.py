"""Images inside of COFW's files for MMEngine's file client, by which MMPose's tools read images."""

from pathlib import Path

import cv2
from mmengine.fileio import LocalBackend, register_backend
from mmengine.fileio.backends import backends
from mmengine.fileio.io import backend_instances

from mmsepbn.datasets.formats.image_file import is_mat_image, read_image


class ImageBackend(LocalBackend):
    """MMEngine's local files; an image inside of a COFW file is read as a PNG file of its name would be."""

    def get(self, filepath: str | Path) -> bytes:
        """The content of a file. Raises FileNotFoundError if it does not exist."""
        if is_mat_image(str(filepath)):
            return cv2.imencode('.png', read_image(str(filepath)))[1].tobytes()
        return super().get(filepath)


def read_images_in_cofw_files() -> bool:
    """Let MMEngine's file client read the images in COFW's files by name. Returns whether it was needed.

    MMPose's tools read images by it. All other local files are read as before; see :class:`ImageBackend`. Does nothing
    where another backend has taken the place of MMEngine's.
    """
    if backends['local'] is not LocalBackend:
        return False
    register_backend('local', ImageBackend, force=True, prefixes='')
    backend_instances.clear()  # MMEngine keeps those that were made before
    return True
