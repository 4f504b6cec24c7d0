"""Every reader of annotation files, with small valid files to start from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import scipy.io

from mmsepbn.datasets import AFLWDataset, COFWDataset, Face300WDataset, WFLWDataset, WiderFaceDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.converters.youtube_faces import read_frames
from mmsepbn.datasets.formats.hdf5_image import _cells
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w, write_wflw, write_wider_face
from mmsepbn.synthetic import generate_faces

_LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'
_BOXES = '300W/Bounding Boxes'


@dataclass(frozen=True)
class Reader:
    """The file that is damaged, below the folder of all sets, and how it is read: -> samples."""

    file: str
    read: Callable[[Path], list[dict]]
    found: bool = False  # in a tree, where a link must not lead out; others are named by the user

    @property
    def kind(self) -> str:
        """What the mutations have to know: text, json, hdf5 or binary."""
        return {'.json': 'json', '.mat': 'hdf5' if 'COFW' in self.file else 'binary'}.get(
            Path(self.file).suffix, 'text'
        )


def _samples(dataset, root, folder, **kwargs):
    faces = dataset(data_root=str(root / folder), **kwargs)
    return [faces.get_data_info(index) for index in range(len(faces))]


def _images(root):
    """COFW's images, which stay in its file until they are needed."""
    _cells.cache_clear()  # holds the file of the case before
    samples = _COFW(root)
    try:
        for sample in samples:
            image = read_image(sample['img_path'])
            assert image.dtype == np.uint8
            assert image.shape[2:] == (3,)
    except FileNotFoundError as error:
        raise AnnotationError(str(error)) from None
    finally:
        _cells.cache_clear()
    return samples


def _frames(root):
    return [
        dict(img_path=str(frame.path), keypoints=frame.landmarks, bbox=np.array([[0, 0, 1, 1]]))
        for frame in read_frames(root / 'YOUTUBE')
    ]


def _aflw(file):
    prefix = dict(img='aflw/data/flickr')
    read = partial(_samples, AFLWDataset, folder='AFLW', ann_file=file, data_prefix=prefix, num_train=3)
    return Reader(f'AFLW/{file}', read)


_WFLW = partial(_samples, WFLWDataset, folder='WFLW', ann_file=_LIST, data_prefix=dict(img='WFLW_images'))
_LABELS = dict(folder='WIDER_FACE', ann_file='train/label.txt', data_prefix=dict(img='train/images'), min_size=10)
_COFW = partial(_samples, COFWDataset, folder='COFW', ann_file='COFW_train_color.mat')
_PTS = partial(_samples, Face300WDataset, folder='300W', boxes='landmarks')

READERS = {
    'WFLW list': Reader(f'WFLW/{_LIST}', _WFLW),
    'WIDER FACE labels': Reader('WIDER_FACE/train/label.txt', partial(_samples, WiderFaceDataset, **_LABELS)),
    '300W .pts': Reader('300W/afw/face.pts', _PTS, found=True),
    'MMPose JSON': Reader('JSON/a.json', partial(_samples, WFLWDataset, folder='JSON', ann_file='a.json')),
    'AFLW .mat': _aflw('AFLWinfo_release.mat'),
    'AFLW .mat, packed': _aflw('packed.mat'),
    '300W boxes .mat': Reader(
        f'{_BOXES}/bounding_boxes_afw.mat', partial(_samples, Face300WDataset, folder='300W'), found=True
    ),
    'COFW HDF5': Reader('COFW/COFW_train_color.mat', _COFW),
    'COFW images': Reader('COFW/COFW_train_color.mat', _images),
    'YouTube Faces CSV': Reader('YOUTUBE/training_frames_keypoints.csv', _frames, found=True),
}


def write_sets(root: Path) -> None:
    """Three drawn faces in all layouts."""
    faces = list(generate_faces(3, size=64, workers=1))
    for folder, write in dict(WFLW=write_wflw, COFW=write_cofw, AFLW=write_aflw).items():
        write(root / folder, faces, [])
    write_face300w(root / '300W', faces, [])
    write_wider_face(root / 'WIDER_FACE', faces)
    _rename_face(root)
    mat = scipy.io.loadmat(root / 'AFLW/AFLWinfo_release.mat')
    content = {name: value for name, value in mat.items() if not name.startswith('__')}
    scipy.io.savemat(root / 'AFLW/packed.mat', content, do_compression=True)
    _write_json(root / 'JSON')
    _write_frames(root / 'YOUTUBE')


def _rename_face(root):
    """A .pts file of a known name."""
    folder = root / '300W' / 'afw'
    (old,) = folder.glob('*.pts')
    old.rename(folder / 'face.pts')
    old.with_suffix('.jpg').rename(folder / 'face.jpg')
    entry = dict(imgName='face.jpg', bb_detector=np.array([[1.0, 2.0, 60.0, 60.0]]), bb_ground_truth=np.ones((1, 4)))
    cells = np.empty((1, 1), object)
    cells[0, 0] = entry
    scipy.io.savemat(root / _BOXES / 'bounding_boxes_afw.mat', dict(bounding_boxes=cells))


def _write_json(root):
    root.mkdir()
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for index in range(3):
        cv2.imwrite(str(root / f'{index}.jpg'), np.zeros((9, 9, 3), np.uint8))
        images.append(dict(id=index, file_name=f'{index}.jpg', height=9, width=9))
        points = [float(value) for x, y in rng.uniform(0, 99, (98, 2)).round(1) for value in (x, y, 2)]
        box = dict(bbox=[1, 2, 50, 60]) if index else dict(center=[50.5, 60.0], scale=0.5)
        annotations.append(dict(id=10 + index, image_id=index, keypoints=points, iscrowd=0) | box)
    (root / 'a.json').write_text(json.dumps(dict(images=images, annotations=annotations)))


def _write_frames(root):
    for part in ('training', 'test'):
        (root / part).mkdir(parents=True)
        lines = [',' + ','.join(map(str, range(136)))]
        for index in range(2):
            cv2.imwrite(str(root / part / f'A_B_{index}.jpg'), np.zeros((9, 9, 3), np.uint8))
            lines.append(f'A_B_{index}.jpg,' + ','.join(str(float(value % 70)) for value in range(136)))
        (root / f'{part}_frames_keypoints.csv').write_text('\n'.join(lines) + '\n')
