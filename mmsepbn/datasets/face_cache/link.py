"""Which face cache a data set reads."""

import logging
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from mmengine.logging import print_log

from mmsepbn.datasets.face_cache.about import SUFFIX, faces_key
from mmsepbn.datasets.face_cache.cache_file import ADVICE, CacheFile, FaceCacheError
from mmsepbn.datasets.transforms.crop_reach import CropReach
from mmsepbn.datasets.transforms.face_crop import FaceCrop
from mmsepbn.datasets.transforms.load_face_image import LoadFaceImage

VARIABLE = 'FACE_CACHE'


def loading_crop(dataset: Any) -> tuple[int, FaceCrop] | None:
    """The index of LoadFaceImage in a data set's pipeline and the FaceCrop directly after it; None if missing."""
    for place, (load, crop) in enumerate(pairwise(dataset.pipeline.transforms)):
        if isinstance(load, LoadFaceImage) and isinstance(crop, FaceCrop):
            return place, crop
    return None


def read_for_crops(dataset: Any, samples: Sequence[Mapping[str, Any]]) -> None:
    """Pass the needs of the FaceCrop to the preceding LoadFaceImage of a FaceDataset, with the set's face cache.

    A set in ``test_mode`` reads its images, so that numbers are those of the pixels that others test on.

    Args:
        dataset: its pipeline is changed in place.
        samples: all samples in its files, of which it may use only some.

    Raises:
        FaceCacheError: the folder that FACE_CACHE names has no cache of these faces for such crops.
    """
    found, folder = loading_crop(dataset), None if dataset.test_mode else os.environ.get(VARIABLE)
    transforms = dataset.pipeline.transforms
    if found is None:
        if folder and any(isinstance(transform, LoadFaceImage) for transform in transforms):
            said = f'{VARIABLE} is not used for {type(dataset).__name__}: no FaceCrop directly after LoadFaceImage.'
            print_log(said, 'current', logging.WARNING)
        return
    place, crop = found
    cache = open_cache(Path(folder), dataset, samples, crop.reach) if folder else None
    transforms[place] = transforms[place].read_for(crop.reach, cache)
    if cache is not None:
        print_log(f'{type(dataset).__name__}: its faces are read from {cache.path}', 'current')


def open_cache(folder: Path, dataset: Any, samples: Sequence[Mapping[str, Any]], reach: CropReach) -> CacheFile:
    """The cache of a data set in a folder. Raises FaceCacheError if there is no cache for such crops."""
    key = faces_key(dataset, samples)
    path = folder / key.file_name
    if not path.is_file():
        others = sorted(other.name for other in folder.glob(f'{key.label}-*{SUFFIX}'))
        stale = f'; {", ".join(others)} is of other annotations, boxes or images' if others else ''
        raise FaceCacheError(
            f'{VARIABLE}={folder} has no cache of the {key.count} faces of {dataset.annotation_path()}, '
            f'{key.file_name}{stale}. {ADVICE}'
        )
    cache = CacheFile(path)
    if cache.about.key != key:
        raise FaceCacheError(f'The face cache {path} contains other faces than its name says. {ADVICE}')
    if not cache.about.serves(reach):
        raise FaceCacheError(
            f'The face cache {path} is for other crops: in sides of the box it holds {_text(cache.about.reach)}, and '
            f'the FaceCrop of this config needs {_text(reach)}. {ADVICE}'
        )
    return cache


def _text(reach: CropReach) -> str:
    return f'{reach.across:.2f} to each side and {reach.along:.2f} up and down at {reach.pixels:.0f} pixels'
