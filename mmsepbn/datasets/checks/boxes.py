"""Find boxes and landmarks that do not fit each other, such as corners written in place of width and height."""

import numpy as np

from mmsepbn.datasets.face_dataset import FaceDataset

_LARGE = 5  # sides of the landmarks; 5 points of a turned face have boxes of up to 4


def doubtful_boxes(dataset: FaceDataset) -> list[str]:
    """Faces whose box lacks most of their landmarks, has one far outside or is much larger than they are.

    Each names file and line. Far is more than the box's longer side.
    """
    doubts = []
    for index in range(len(dataset)):
        face = dataset.get_data_info(index)
        annotated = np.flatnonzero(face['keypoints_visible'][0] > 0)
        box, points = face['bbox'][0], face['keypoints'][0][annotated]
        beyond = np.maximum(box[:2] - points, points - box[2:]).max(axis=1)
        outside, farthest = int((beyond > 0).sum()), int(beyond.argmax())
        side = (box[2:] - box[:2]).max()
        size = np.ptp(points, axis=0).max() if len(points) > 1 else np.inf
        ratio = side / size if size else 0.0
        if 2 * outside > len(points):
            doubts.append(f'{face["source"]}: {outside} of {len(points)} landmarks lie outside of the box.')
        elif beyond[farthest] > side:
            x, y = points[farthest].tolist()
            doubts.append(
                f'{face["source"]}: landmark {annotated[farthest]} at ({x:.1f}, {y:.1f}) lies more than a side outside '
                'of the box.'
            )
        elif ratio > _LARGE:
            doubts.append(f'{face["source"]}: the box is {ratio:.0f} times as large as the landmarks.')
    return doubts
