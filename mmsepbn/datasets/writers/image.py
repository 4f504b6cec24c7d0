"""Writing of images."""

from pathlib import Path

import cv2

from mmsepbn.datasets.annotated_face import AnnotatedFace

_QUALITY = 95


def write_image(path: Path, face: AnnotatedFace) -> None:
    """Write the face's image, as JPEG of quality 95 or as PNG by the suffix; OSError naming the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if path.suffix == '.jpg' else []
    if not cv2.imwrite(str(path), face.image, options):
        raise OSError(f'cv2.imwrite could not write {path}.')
