"""How long a data set takes to prepare a face for the network, and where the time goes."""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.image_file import image_bytes, is_mat_image
from mmsepbn.datasets.sample_seed import seeded
from mmsepbn.datasets.transforms.load_face_image import LoadFaceImage
from mmsepbn.spread import spread

ANNOTATION, READING, DECODING, CACHE = 'annotation', 'reading', 'decoding', 'face cache'
_MOST = 64  # faces of a set that are timed


def loading_seconds(dataset: FaceDataset) -> dict[str, float]:
    """Median seconds a face of each part of loading, in this process, in their order.

    Image files are read before they are decoded, so ``reading`` is what the disk takes, or the system's memory where it
    has them already. Transforms other than the loading one go by the names of their classes.
    """
    times: defaultdict[str, list[float]] = defaultdict(list)
    for index in spread(len(dataset), _MOST):
        with seeded(index):
            with _timed(times[ANNOTATION]):
                sample: Any = dataset.get_data_info(index)
            for transform in dataset.pipeline.transforms:
                sample = _transformed(transform, sample, times)
    return {name: statistics.median(values) for name, values in times.items()}


def _transformed(transform: Any, sample: Any, times: defaultdict[str, list[float]]) -> Any:
    name = type(transform).__name__
    if isinstance(transform, LoadFaceImage):
        cached = transform.cache is not None
        name = CACHE if cached else DECODING
        path = sample['img_path']
        if not (cached or is_mat_image(path)):
            with _timed(times[READING]):
                image_bytes(path)
    with _timed(times[name]):
        return transform(sample)


def whole_seconds(dataset: Any) -> float:
    """Median seconds a face of a data set of any kind, wrappers included."""
    times: list[float] = []
    for index in spread(len(dataset), _MOST):
        with seeded(index), _timed(times):
            dataset[index]
    return statistics.median(times)


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    start = perf_counter()
    yield
    times.append(perf_counter() - start)
