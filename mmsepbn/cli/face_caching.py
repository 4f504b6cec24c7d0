"""The face caches of a config: their contents, and building them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mmsepbn.datasets.checks.found import build_dataset
from mmsepbn.datasets.config_sets import dataset_configs
from mmsepbn.datasets.face_cache.about import CacheAbout, FacesKey, faces_key
from mmsepbn.datasets.face_cache.build import FaceToCut, build_cache, check_space, megabytes, needed_bytes
from mmsepbn.datasets.face_cache.cache_file import CacheFile, FaceCacheError
from mmsepbn.datasets.face_cache.cache_writer import begun_file
from mmsepbn.datasets.face_cache.link import loading_crop
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.transforms.crop_reach import CropReach
from mmsepbn.option_error import OptionError


class Wanted(NamedTuple):
    """Faces of a config, each set and split once, and the crops that it cuts of them."""

    key: FacesKey
    faces: list[FaceToCut]
    reach: CropReach


def wanted_faces(config: Mapping[str, Any], scale: float) -> tuple[list[Wanted], list[str]]:
    """The contents of a config's face caches, and a line for each of its sets that cannot be cached.

    Args:
        config: of a training or test; its default scope must be set, and FACE_CACHE must not.
        scale: pixels to keep for each pixel of a crop that is not augmented.
    """
    wanted: dict[FacesKey, Wanted] = {}
    others: list[str] = []
    for use in dataset_configs(config):
        dataset = build_dataset(use.config)
        if isinstance(dataset, FaceDataset) and dataset.test_mode:
            others.append(f'{use.label}: no cache, as tests read the images.')
            continue
        found = loading_crop(dataset) if isinstance(dataset, FaceDataset) else None
        if found is None:
            others.append(f'{use.label}: no cache, as its pipeline has no LoadFaceImage directly followed by FaceCrop.')
            continue
        reach = found[1].reach
        reach = replace(reach, pixels=reach.pixels * scale)
        samples = dataset.load_data_list()
        key = faces_key(dataset, samples)
        faces = [FaceToCut(sample['img_path'], sample['bbox'][0]) for sample in samples]
        wanted[key] = Wanted(key, faces, reach | wanted[key].reach if key in wanted else reach)
    return list(wanted.values()), others


def make_caches(
    config: Mapping[str, Any], folder: Path, scale: float, quality: int | None, keep_quality: bool = False
) -> Iterator[str]:
    """Build the missing face caches of a config; yields lines of a report.

    Args:
        config: see :func:`wanted_faces`.
        folder: of the caches.
        scale: likewise.
        quality: of JPEG images, 1 to 100; None: pixels as they are.
        keep_quality: a cache that is there keeps its own.

    Raises:
        OptionError: no set of the config can have a cache.
        FaceCacheError: not enough disk space.
    """
    wanted, others = wanted_faces(config, scale)
    yield from others
    if not wanted:
        raise OptionError('The config must have a data set whose faces can be cached. Got none.')
    plans: list[tuple[Path, list[FaceToCut], CacheAbout]] = []
    total = 0
    for key, faces, reach in wanted:
        path = folder / key.file_name
        there = _about_there(path)
        # What it has for other configs is kept.
        form = there.quality if there and keep_quality else quality
        about = CacheAbout(key, reach | there.reach if there else reach, form)
        if there == about:
            yield f'{path}: {key.count} faces, complete already'
            continue
        needed = needed_bytes(faces, about)
        begun = begun_file(path)
        total += max(0, needed - (begun.stat().st_size if begun.is_file() else 0))
        plans.append((path, faces, about))
        yield f'{path}: {key.count} faces, about {megabytes(needed)}'
    folder.mkdir(parents=True, exist_ok=True)
    if plans:
        yield f'About {megabytes(total)} to write; {megabytes(check_space(folder, total))} are free.'
    with _progress() as progress:
        for path, faces, about in plans:
            task = progress.add_task(path.name, total=len(faces))
            build_cache(path, faces, about, lambda done, task=task: progress.update(task, completed=done))


def _about_there(path: Path) -> CacheAbout | None:
    """The header of a cache; None if there is no complete one."""
    try:
        return CacheFile(path).about
    except FaceCacheError:
        return None


def _progress() -> Progress:
    columns = TextColumn('{task.description}'), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True))
