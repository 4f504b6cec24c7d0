"""What is kept of a face is float32, and numbers in text are decimal."""

import numpy as np
import pytest

from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation, check_annotation, parse_numbers


def face(landmarks=((1.0, 2.0), (3.0, 4.0)), box=(0.0, 0.0, 9.0, 9.0), **kwargs):
    return FaceAnnotation('a.jpg', np.array(landmarks), np.array(box), 'list:7', **kwargs)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf, 1e39, -1e39, 2.0**24, 10.0**300])
def test_a_landmark_that_float32_cannot_keep_is_named(value):
    with pytest.raises(AnnotationError, match=r'list:7: landmark 1 must be finite'):
        check_annotation(face(landmarks=((1.0, 2.0), (3.0, value))), 2)


@pytest.mark.parametrize('value', [1e39, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize('side', range(4))
def test_a_side_of_a_box_that_float32_cannot_keep_is_named(value, side):
    box = [0.0, 0.0, 9.0, 9.0]
    box[side] = value
    with pytest.raises(AnnotationError, match='list:7: the box must be finite'):
        check_annotation(face(box=box), 2)


def test_a_box_that_loses_its_area_in_float32_is_named():
    box = np.array([10_000_000.0, 0.0, 10_000_000.3, 9.0])
    assert box[2] > box[0]
    assert np.float32(box[2]) == np.float32(box[0])
    for bad in (box, box[[1, 0, 3, 2]], [5.0, 5.0, 5.0, 9.0], [9.0, 0.0, 0.0, 9.0], [0.0, 0.0, 1e-30, 1.0]):
        with pytest.raises(AnnotationError, match='list:7: the box must have an area: x1, y1, x2, y2 with'):
            check_annotation(face(box=bad), 2)


def test_a_box_of_another_shape_is_named():
    with pytest.raises(AnnotationError, match=r'list:7: the box must be x1, y1, x2, y2. Got shape \(3,\)'):
        check_annotation(face(box=(1.0, 2.0, 3.0)), 2)


def test_large_and_negative_coordinates_pass_and_masked_ones_may_be_anything():
    check_annotation(face(landmarks=((-60000.0, 2.0**23), (1.0, 1.0)), box=(-5000.0, -1.0, 1e6, 0.0)), 2)
    check_annotation(face(landmarks=((1.0, 1.0), (np.nan, 1e300)), annotated=np.array([1.0, 0.0])), 2)


def test_decimal_numbers_are_read():
    fields = ['1', '-2.50', '+.5', '3.', '1e-3', '1E2', '007']
    assert parse_numbers(fields, 'x').tolist() == [1, -2.5, 0.5, 3, 0.001, 100, 7]


@pytest.mark.parametrize(
    'field',
    [
        '1_000',
        '0x10',
        'nan',
        'inf',
        'Infinity',
        '٣',
        '1,5',
        '',
        ' 1',
        '1e',
        '--1',
        '1e400',
        '1e39',
        '9' * 5000,
        '1.2.3',
    ],
)
def test_anything_else_is_named_by_its_place(field):
    with pytest.raises(AnnotationError, match='list:3: field 1 must be a number') as error:
        parse_numbers(['1', field, '2'], 'list:3')
    assert len(str(error.value)) < 150
