#!/usr/bin/env python
"""Lay out what the zoo's network is trained on beside 300W and WFLW, after benchmarks/method/prepare.py.

Since one crop serves all branches, LFW, YouTube Faces and drawn faces get boxes of the kind of 300W's official
detector; those of WFLW stay as they are:

  lfw/{train,test}  WIDER_FACE: LFW faces, their boxes moved and shrunk
  aflw              frames of YouTube Faces with AFLW's 19 landmarks, likewise
  cofw              COFW's 29 landmarks: derived from 200 faces of WFLW, and 400 synthetic faces; test: WFLW's other 57
"""

import argparse
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.io import loadmat, savemat

from mmsepbn.boxes import square_box
from mmsepbn.cli.errors import readable_errors
from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.wflw import WFLWDataset
from mmsepbn.datasets.writers import write_cofw
from mmsepbn.datasets.writers.wflw import IMAGES, LISTS
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.protocols import derived_landmarks
from mmsepbn.synthetic import generate_faces

# From a set's boxes to 300W's: where the eyes lie in both, on average, and how far apart they are.
LFW_BOX = BoxMap(shift_y=0.118, scale=0.806)
YOUTUBE_BOX = BoxMap(shift_y=0.052, scale=0.871)
DRAWN_BOX = BoxMap(shift_y=0.036, scale=0.800)
NUM_DRAWN = 400
_KEPT = 2.2  # sides of the box that stay of an image


def prepare_lfw(source: Path, out: Path) -> None:
    """Rewrite the boxes of WIDER FACE's list and link the images."""
    lines = []
    for line in (source / 'train' / 'label.txt').read_text().splitlines():
        if not line.startswith('#'):
            x, y, width, height, *rest = line.split()
            x1, y1, x2, y2 = _mapped((float(x), float(y), float(x) + float(width), float(y) + float(height)), LFW_BOX)
            line = ' '.join([f'{x1:.2f}', f'{y1:.2f}', f'{x2 - x1:.2f}', f'{y2 - y1:.2f}', *rest])
        lines.append(line)
    (out / 'train').mkdir(parents=True, exist_ok=True)
    (out / 'train' / 'label.txt').write_text('\n'.join(lines) + '\n')
    shutil.copytree(source / 'train' / 'images', out / 'train' / 'images', dirs_exist_ok=True)


def prepare_aflw(source: Path, out: Path) -> None:
    """Rewrite the boxes of AFLW's annotations and copy the images."""
    content = loadmat(source / 'AFLWinfo_release.mat')
    x1, x2, y1, y2 = np.asarray(content['bbox'], float).T
    boxes = np.array([_mapped(box, YOUTUBE_BOX) for box in np.stack((x1, y1, x2, y2), axis=1)])
    content['bbox'] = boxes[:, [0, 2, 1, 3]]
    shutil.copytree(source, out, dirs_exist_ok=True)
    savemat(out / 'AFLWinfo_release.mat', {key: value for key, value in content.items() if key[0] != '_'})


def prepare_cofw(source: Path, out: Path) -> None:
    """Write real and drawn faces with COFW's landmarks."""
    drawn = (
        AnnotatedFace(face.name, face.image, face.landmarks, _mapped(face.box, DRAWN_BOX))
        for face in generate_faces(NUM_DRAWN, seed=7, workers=1)
    )
    write_cofw(out, chain(read_off_wflw(source / 'train' / 'WFLW'), drawn), read_off_wflw(source / 'test' / 'WFLW'))


def read_off_wflw(root: Path) -> Iterator[AnnotatedFace]:
    """Faces of a WFLW folder with COFW's landmarks, the image cut around the face."""
    split = 'test' if root.parent.name == 'test' else 'train'
    listed = str(LISTS / f'list_98pt_rect_attr_{split}.txt')
    faces = WFLWDataset(data_root=str(root), ann_file=listed, data_prefix=dict(img=str(IMAGES)), pipeline=[])
    for index in range(len(faces)):
        face = faces.get_data_info(index)
        image = read_image(face['img_path'])
        box = square_box(face['bbox'][0])
        left, top, right, bottom = np.rint(square_box(box, _KEPT)).astype(int)
        left, top = max(left, 0), max(top, 0)
        moved = np.array([left, top])
        yield AnnotatedFace(
            name=f'wflw{index}',
            image=np.ascontiguousarray(image[top:bottom, left:right]),
            landmarks={'cofw': derived_landmarks(face['keypoints'][0] - moved, 'wflw', 'cofw')},
            box=tuple((box.reshape(2, 2) - moved).ravel()),
        )


def _mapped(box: Iterable[float], box_map: BoxMap) -> tuple[float, ...]:
    return tuple(box_map(square_box(np.array(tuple(box)))))


def main() -> None:
    """Write the three sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--method', type=Path, default=Path('data/method'), help='written by benchmarks/method/prepare.py'
    )
    parser.add_argument('--out', type=Path, default=Path('data/zoo'))
    args = parser.parse_args()
    for split in ('train', 'test'):
        prepare_lfw(args.method / 'lfw' / split / 'WIDER_FACE', args.out / 'lfw' / split / 'WIDER_FACE')
    prepare_aflw(args.method / 'real' / 'small' / 'AFLW', args.out / 'aflw' / 'AFLW')
    prepare_cofw(args.method / 'wflw', args.out / 'cofw' / 'COFW')
    print(f'Written to {args.out}.')


if __name__ == '__main__':
    with readable_errors():
        main()
