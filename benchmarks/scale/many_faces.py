"""Memory and start-up time of what grows with the number of faces: samplers, the index of a face cache, annotations.

Each is looked at in a process of its own. Memory is resident, beyond what the imports take; seconds are those of the
processor, so that other programs matter little.
"""

import multiprocessing
import resource
import tempfile
import time
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from mmengine.dataset import DefaultSampler
from torch.utils.data import Sampler

from benchmarks.speed.report import Report, Row
from mmsepbn.datasets import MultiProtocolDataset, ProportionalMultiDatasetSampler, WFLWDataset
from mmsepbn.datasets.face_cache.about import CacheAbout, FacesKey, faces_key
from mmsepbn.datasets.face_cache.cache_file import HEAD, ROW, CacheFile, encoded, head
from mmsepbn.datasets.transforms.crop_reach import CropReach

_SIZES = {'cofw': 1345, 'aflw': 20000, 'wflw': 7500, '300w': 3148, 'wider_face': 9770}  # the paper's
_REAL_IMAGES = 1000  # of the cache; its other faces are these again
_READ = 10_000


def add_many_faces(report: Report, quick: bool) -> None:
    """A row for each."""
    count, annotated = (2000, 100) if quick else (10_000_000, 20_000)
    with tempfile.TemporaryDirectory() as folder:
        parts: dict[str, tuple[Callable[..., Row], Any, int]] = {
            'ProportionalMultiDatasetSampler': (sampling, proportional_sampler, count),
            "MMEngine's DefaultSampler": (sampling, default_sampler, count),
            'face cache': (cache_reading, Path(folder), count),
            'annotations': (annotation_reading, Path(folder), annotated),
        }
        for name, (look, given, number) in parts.items():
            key = dict(what=name, faces=number)
            report.measure(key, lambda look=look, given=given, number=number: _apart(look, given, number))


def _apart(look: Callable[..., Row], *args: Any) -> Row:
    with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as process:
        return process.submit(look, *args).result()


def proportional_sampler(count: int) -> Sampler:
    """Of five made-up sets of as many faces together, in the paper's proportions."""
    dataset = MultiProtocolDataset.__new__(MultiProtocolDataset)
    ends = np.rint(np.cumsum(list(_SIZES.values())) * (count / sum(_SIZES.values()))).astype(int).tolist()
    sets = {name: range(end - start) for name, start, end in zip(_SIZES, [0, *ends], ends, strict=False)}
    vars(dataset).update(datasets=sets, _ends=ends)
    return ProportionalMultiDatasetSampler(dataset, seed=0)


def default_sampler(count: int) -> Sampler:
    """Of a made-up set."""
    return DefaultSampler(range(count), seed=0)


def sampling(build: Callable[[int], Sampler], count: int) -> Row:
    """Build a sampler, and walk through an epoch."""
    before, start = _resident(), time.process_time()
    sampler = build(count)
    built = time.process_time()
    indices = iter(sampler)
    next(indices)
    first, held = time.process_time(), _resident() - before
    deque(indices, maxlen=0)
    return dict(
        build_seconds=round(built - start, 3),
        first_seconds=round(first - built, 3),
        epoch_seconds=round(time.process_time() - built, 3),
        held_bytes=held,
        peak_bytes=_peak() - before,
    )


def cache_reading(folder: Path, count: int) -> Row:
    """Open the cache of a made-up set, and read faces of it anywhere."""
    path = folder / 'faces.faces'
    write_cache(path, count)
    before, start = _resident(), time.process_time()
    cache = CacheFile(path)
    opened, held = time.process_time() - start, _resident() - before
    places = np.random.default_rng(0).integers(0, count, _READ).tolist()
    start = time.process_time()
    for place in places:
        cache.part(place)
    read = time.process_time() - start
    return dict(
        index_bytes=HEAD + count * ROW.itemsize,
        open_seconds=round(opened, 5),
        held_bytes=held,
        read_milliseconds=round(1000 * read / _READ, 4),
        read_faces=_READ,
        held_after_bytes=_resident() - before,
    )


def write_cache(path: Path, count: int) -> None:
    """A cache as CacheWriter writes it, with few images of 160 pixels, which its rows name again and again."""
    rng, number = np.random.default_rng(0), min(_REAL_IMAGES, count)
    about = CacheAbout(FacesKey('Set', '0' * 64, count), CropReach(1.0, 1.0, 160, 200), 95)
    small = rng.integers(0, 256, (number, 10, 10, 3), np.uint8)
    images = [encoded(image.repeat(16, axis=0).repeat(16, axis=1), about.quality) for image in small]
    lengths = np.array([len(image) for image in images])
    places = np.arange(count) % number
    places[-1] = number - 1  # the last row ends the file
    rows = np.zeros(count, ROW)
    rows['begin'] = (HEAD + count * ROW.itemsize + np.cumsum(lengths) - lengths)[places]
    rows['length'] = lengths[places]
    rows['checksum'] = np.array([zlib.crc32(image) for image in images])[places]
    for name in ('height', 'width', 'right', 'bottom', 'columns', 'rows'):
        rows[name] = 160
    with path.open('wb') as file:
        file.write(head(about, rows.tobytes()))
        rows.tofile(file)
        file.writelines(images)


def annotation_reading(folder: Path, count: int) -> Row:
    """Read a list in WFLW's format, each face with an image of its own, and make the key of its cache."""
    for name in (names := [f'{number}.jpg' for number in range(count)]):
        (folder / name).touch()
    numbers = ' '.join(f'{value:.6f}' for value in np.random.default_rng(0).uniform(1, 200, 196))
    (folder / 'list.txt').write_text(''.join(f'{numbers} 1 1 200 200 0 0 0 0 0 0 {name}\n' for name in names))
    before, start = _resident(), time.process_time()
    dataset = WFLWDataset(data_root=str(folder), ann_file='list.txt')
    read, held, peak = time.process_time() - start, _resident() - before, _peak() - before
    samples = [dataset.get_data_info(index) for index in range(count)]
    start = time.process_time()
    faces_key(dataset, samples)
    keyed = time.process_time() - start
    return dict(
        read_seconds=round(read, 3),
        held_bytes=held,
        serialized_bytes=dataset.data_bytes.nbytes,
        peak_bytes=peak,
        key_seconds=round(keyed, 3),
    )


def _resident() -> int:
    return psutil.Process().memory_info().rss


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
