"""WFLW files parse back to the faces they were written from."""

import cv2
import numpy as np
import pytest

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.datasets.writers import write_wflw
from mmsepbn.datasets.writers.wflw import wflw_line
from mmsepbn.synthetic import generate_faces


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp('wflw')
    train, test = list(generate_faces(4, seed=2, workers=1)), list(generate_faces(2, seed=2, start=900, workers=1))
    write_wflw(root, iter(train), test)
    return root, {'train': train, 'test': test}


@pytest.mark.parametrize('split', ['train', 'test'])
def test_lines_parse_back(written, split):
    root, faces = written
    lists = root / 'WFLW_annotations' / 'list_98pt_rect_attr_train_test'
    lines = (lists / f'list_98pt_rect_attr_{split}.txt').read_bytes().decode().split('\n')
    assert lines.pop() == ''
    assert len(lines) == len(faces[split])
    for line, face in zip(lines, faces[split], strict=True):
        fields = line.split(' ')
        assert len(fields) == 207
        coordinates = np.array(fields[:196], float).reshape(98, 2)
        assert coordinates == pytest.approx(face.landmarks['wflw'], abs=1e-6)
        assert all(len(field.partition('.')[2]) == 6 for field in fields[:196])
        assert [int(field) for field in fields[196:200]] == pytest.approx(face.box, abs=0.5)
        order = ('pose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur')
        assert {tag for tag, flag in zip(order, fields[200:206], strict=True) if flag == '1'} == face.tags
        image = cv2.imread(str(root / 'WFLW_images' / fields[206]))
        assert image.shape == face.image.shape
        assert np.abs(image.astype(float) - face.image).mean() < 8.0


def test_flags_stand_in_wflw_order():
    face = AnnotatedFace(
        'a', np.zeros((4, 4, 3), np.uint8), {'wflw': np.zeros((98, 2))}, (1, 2, 3, 4), frozenset({'pose', 'makeup'})
    )
    assert wflw_line(face, 'e/a.jpg').split(' ')[196:] == ['1', '2', '3', '4', '1', '0', '0', '1', '0', '0', 'e/a.jpg']


def test_faces_without_the_protocol_are_refused():
    face = AnnotatedFace('a', np.zeros((4, 4, 3), np.uint8), {}, (0, 0, 1, 1))
    with pytest.raises(ValueError, match='wflw'):
        wflw_line(face, 'e/a.jpg')
