"""Which face caches a data set reads, as a record has it."""

from typing import Any

from mmsepbn.datasets.transforms.load_face_image import LoadFaceImage
from mmsepbn.datasets.walk import face_datasets


def face_caches(dataset: Any) -> dict[str, dict[str, Any]] | None:
    """Of each cache, by its file's name: ``pixels`` to a box's side, and the JPEG ``quality``, None for raw pixels.

    Args:
        dataset: of any kind, wrappers included.

    Returns:
        None where images are read.
    """
    loaders = (each for own in face_datasets(dataset) for each in own.pipeline.transforms)
    caches = [loader.cache for loader in loaders if isinstance(loader, LoadFaceImage) and loader.cache is not None]
    found = {cache.path.stem: (cache.about.reach.pixels, cache.about.quality) for cache in caches}
    return {name: dict(pixels=pixels, quality=quality) for name, (pixels, quality) in found.items()} or None
