"""Build face caches."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.face_cache.about import CacheAbout
from mmsepbn.datasets.face_cache.cache_file import HEAD, ROW, FaceCacheError, encoded
from mmsepbn.datasets.face_cache.cache_writer import CacheWriter
from mmsepbn.datasets.face_cache.region import cut_region, face_region
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.transforms.crop_reach import CropReach
from mmsepbn.processes.usable_cores import usable_cores
from mmsepbn.spread import spread

_LOOKED_AT = 24  # faces, to estimate the space


class FaceToCut(NamedTuple):
    """A face to cut out: its image, as :func:`read_image` takes it, and its box (4,) in pixels of that."""

    image: str
    box: NDArray[np.floating]


def needed_bytes(faces: list[FaceToCut], about: CacheAbout) -> int:
    """The approximate size of the cache, from some faces spread over the set."""
    places = spread(len(faces), _LOOKED_AT)
    lengths = [len(encoded(_cut(faces[place], about.reach), about.quality)) for place in places]
    return HEAD + len(faces) * (ROW.itemsize + round(float(np.mean(lengths))))


def check_space(folder: Path, needed: int) -> int:
    """Free bytes of a folder's disk. Raises FaceCacheError where they are fewer than needed."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise FaceCacheError(f'The faces need about {megabytes(needed)} in {folder}, where {megabytes(free)} are free.')
    return free


def megabytes(count: int) -> str:
    """A number of bytes in words."""
    return f'{count / 1e6:,.1f} MB'


def build_cache(
    path: Path, faces: list[FaceToCut], about: CacheAbout, advance: Callable[[int], None] = lambda done: None
) -> None:
    """Write a cache, or the rest of an interrupted one.

    Args:
        path: of the file.
        faces: all of them.
        about: their key, and what is to be kept of each.
        advance: called repeatedly with the number of finished faces.

    Raises:
        FileNotFoundError: an image cannot be read. What was written stays for the next attempt.
    """
    cores = usable_cores()
    at_once = 2 * cores  # images in memory
    with CacheWriter(path, about) as writer, ThreadPoolExecutor(cores) as threads:
        advance(writer.done)
        images = [list(group) for _, group in groupby(faces[writer.done :], key=lambda face: face.image)]
        for start in range(0, len(images), at_once):
            some = images[start : start + at_once]
            for group, image in zip(some, threads.map(read_image, [group[0].image for group in some]), strict=True):
                for face in group:
                    writer.add(image, face_region(face.box, image.shape[:2], about.reach))
                    advance(writer.done)
        writer.finish()


def _cut(face: FaceToCut, reach: CropReach) -> NDArray[np.uint8]:
    image = read_image(face.image)
    return cut_region(image, face_region(face.box, image.shape[:2], reach))
