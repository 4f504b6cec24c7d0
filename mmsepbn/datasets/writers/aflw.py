"""AFLW's layout with 19 landmarks: one MATLAB file and the flickr folders."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import scipy.io

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import AFLW
from mmsepbn.write_image import write_image

IMAGES = Path('aflw', 'data', 'flickr')
_FOLDERS = (0, 2, 3)


def write_aflw(root: Path, train: Iterable[AnnotatedFace], test: Iterable[AnnotatedFace]) -> None:
    """Write ``AFLWinfo_release.mat`` and ``aflw/data/flickr/{0,2,3}/imageNNNNN.jpg``.

    The order ``ra`` names the training faces first. All points of a face of the domain ``frontal`` are visible; of
    others the landmarks on the side that is turned away are not.
    """
    root = Path(root)
    rows: dict[str, list] = {'bbox': [], 'data': [], 'mask_new': [], 'nameList': []}
    for faces in (train, test):
        for face in faces:
            number = len(rows['bbox'])
            name = f'{_FOLDERS[number % 3]}/image{number:05d}.jpg'
            write_image(root / IMAGES / name, face.image)
            x1, y1, x2, y2 = face.box
            rows['bbox'].append((x1, x2, y1, y2))
            rows['data'].append(face.marked(AFLW).T.ravel())
            rows['mask_new'].append(_visible(face.domain))
            rows['nameList'].append(name)
    count = len(rows['bbox'])
    names = np.empty((count, 1), object)
    names[:, 0] = rows['nameList']
    content = {
        'bbox': np.array(rows['bbox']),
        'data': np.array(rows['data']),
        'mask_new': np.array(rows['mask_new'], np.uint8),
        'nameList': names,
        'ra': np.arange(1, count + 1)[None],
    }
    root.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(root / 'AFLWinfo_release.mat', content)


def _visible(domain: str) -> list[int]:
    """1 for each landmark that is seen. A head turned to image-left hides the landmarks of its left parts."""
    hidden = () if domain == 'frontal' else AFLW.part(f'{domain}_eye').indices
    return [int(index not in hidden) for index in range(AFLW.num_landmarks)]
