"""Faces of data sets as the network sees them, for a check before training."""

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.sample_seed import seeded
from mmsepbn.protocols import get_protocol
from mmsepbn.spread import spread
from mmsepbn.visualization.sheet import Image, face_cell, labelled_row


def sample_row(label: str, dataset: FaceDataset, count: int = 8, cell: int = 160) -> Image:
    """Faces of one data set, evenly spaced over it, cropped and augmented by its own pipeline, with its landmarks.

    Args:
        label: heading.
        dataset: with its pipeline.
        count: number of faces, fewer where the set has fewer.
        cell: side of a face in pixels.

    Raises:
        ValueError: the pipeline has no crop that sets ``transformed_keypoints``.
    """
    return labelled_row(label, [_cell(dataset, place, cell) for place in spread(len(dataset), count)])


def _cell(dataset: FaceDataset, index: int, cell: int) -> Image:
    sample, seen = dataset.get_data_info(index), None
    with seeded(0, 0, index):
        for transform in dataset.pipeline.transforms:
            sample = transform(sample)
            if 'transformed_keypoints' in sample and 'img' in sample:  # packing makes it a tensor
                seen = dict(sample)
    if seen is None:
        raise ValueError('The pipeline has no crop: no transform sets transformed_keypoints.')
    landmarks, annotated = seen['transformed_keypoints'][0], seen['keypoints_visible'][0]
    return face_cell(seen['img'], cell, get_protocol(seen['protocol']), landmarks, annotated)
