"""Images with a landmark file of 300W's format for each, named by a pattern."""

from collections.abc import Iterator
from pathlib import Path

from mmsepbn.boxes import box_around
from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.formats.pts_file import pts_files, read_pts

_LOWER = ('.jpg', '.png', '.jpeg', '.bmp', '.webp', '.tif', '.tiff')
_SUFFIXES = (*_LOWER, *(suffix.upper() for suffix in _LOWER))


def is_pts_pattern(path: Path) -> bool:
    """Whether a path names .pts files."""
    return path.suffix.lower() == '.pts'


def folder_of(pattern: Path) -> Path:
    """The folder below which all files of a pattern lie."""
    return next((path for path in reversed(pattern.parents) if '*' in path.name), pattern).parent


def read_pts_list(
    pattern: Path, images: Path, num_landmarks: int, root: DataRoot, first_pixel: int = 1
) -> Iterator[FaceAnnotation]:
    """Faces of the .pts files that a pattern names, by path, 0-based, with tight boxes of the landmarks.

    Args:
        pattern: such as ``labels/*.pts``, or ``labels/**/*.pts`` for all depths.
        images: a file's image lies below it as the file lies below ``labels``, with the suffix of an image.
        num_landmarks: of each face.
        root: where files may lie.
        first_pixel: what the files call the first pixel.

    Raises:
        AnnotationError: no file matches, or see :func:`read_pts`.
    """
    folder = folder_of(pattern)
    files = pts_files(folder, str(pattern.relative_to(folder)))
    if not files:
        raise AnnotationError(f'{pattern} must match .pts files. It matches none.')
    for file in files:
        root.has(file, str(folder))
        landmarks = read_pts(file, num_landmarks, first_pixel)
        image = image_of(images / file.relative_to(folder))
        yield FaceAnnotation(
            image=str(image.relative_to(images)),
            landmarks=landmarks,
            box=box_around(landmarks),
            source=str(file),
            box_source='landmarks',
        )


def image_of(file: Path) -> Path:
    """The image of a .pts file; a missing one, which is reported with the others, under the first suffix."""
    candidates = [file.with_suffix(suffix) for suffix in _SUFFIXES]
    return next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
