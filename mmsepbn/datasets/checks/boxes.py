"""Find boxes that do not fit their landmarks, such as corners written in place of width and height."""

import numpy as np

from mmsepbn.datasets.face_dataset import FaceDataset

_LARGE = 5  # sides of the landmarks; 5 points of a turned face have boxes of up to 4


def doubtful_boxes(dataset: FaceDataset) -> list[str]:
    """Faces whose box lacks most of their landmarks or is much larger than they are; each names file and line."""
    doubts = []
    for index in range(len(dataset)):
        face = dataset.get_data_info(index)
        box, points = face['bbox'][0], face['keypoints'][0][face['keypoints_visible'][0] > 0]
        outside = int(((points < box[:2]) | (points > box[2:])).any(axis=1).sum())
        size = np.ptp(points, axis=0).max() if len(points) > 1 else np.inf
        ratio = (box[2:] - box[:2]).max() / size if size else 0.0
        if 2 * outside > len(points):
            doubts.append(f'{face["source"]}: {outside} of {len(points)} landmarks lie outside of the box.')
        elif ratio > _LARGE:
            doubts.append(f'{face["source"]}: the box is {ratio:.0f} times as large as the landmarks.')
    return doubts
