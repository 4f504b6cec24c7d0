"""Flags, sizes and headers of WIDER FACE's labels; more wrong lines are in test_official_errors."""

import cv2
import numpy as np
import pytest

from mmsepbn.datasets import WiderFaceDataset
from mmsepbn.datasets.annotation import AnnotationError

POINTS = [(488.9, 373.6), (542.1, 376.4), (515.0, 412.8), (485.2, 425.9), (538.4, 431.5)]


def line(width=122, height=149, flags=(0, 0, 0, 0, 0), points=POINTS):
    points = [(-1, -1) if flag == -1 else point for point, flag in zip(points, flags, strict=True)]
    marks = ' '.join(f'{x} {y} {flag}' for (x, y), flag in zip(points, flags, strict=True))
    return f'449 330 {width} {height} {marks} 0.82 '


def load(root, *lines, **kwargs):
    for name in ('a b.jpg', 'c.jpg'):
        cv2.imwrite(str(root / name), np.zeros((8, 8, 3), np.uint8))
    (root / 'label.txt').write_text('\n'.join(lines) + '\n')
    return WiderFaceDataset(data_root=str(root), ann_file='label.txt', **kwargs)


def test_both_sides_must_exceed_the_size(tmp_path):
    lines = [line(width, height) for width, height in ((81, 81), (80, 81), (81, 80), (300, 20))]
    dataset = load(tmp_path, '# c.jpg', *lines)
    assert len(dataset) == 1
    assert dataset.get_data_info(0)['bbox'].tolist() == [[449, 330, 530, 411]]


def test_the_size_is_refused_with_files_that_are_read_whole(tmp_path):
    with pytest.raises(
        ValueError, match=r"WiderFaceDataset\(min_size=\) must be left out with ann_file='a.json'.* Got 81"
    ):
        WiderFaceDataset(data_root=str(tmp_path), ann_file='a.json', min_size=81)
    with pytest.raises(ValueError, match=r"min_size=\) must be left out with ann_file='\*.pts'.* Got 0"):
        WiderFaceDataset(data_root=str(tmp_path), ann_file='*.pts', min_size=0)


@pytest.mark.parametrize('flags', [(0, 1, 0, 1, 0), (0.0, 1.0, -1, -1, 1.0), (-1, -1, -1, -1, 0)])
def test_every_point_with_coordinates_counts(tmp_path, flags):
    info = load(tmp_path, '# c.jpg', line(flags=flags)).get_data_info(0)
    assert info['keypoints_visible'].tolist() == [[float(flag >= 0) for flag in flags]]
    shown = np.array(flags) >= 0
    np.testing.assert_allclose(info['keypoints'][0][shown], np.array(POINTS)[shown], rtol=1e-6)


def test_faces_belong_to_the_image_above_them(tmp_path):
    dataset = load(tmp_path, '#  a b.jpg  ', line(), line(), '', '# c.jpg', line(flags=[-1] * 5), line(width=99))
    paths = [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))]
    assert paths == [f'{tmp_path}/a b.jpg'] * 2 + [f'{tmp_path}/c.jpg']


@pytest.mark.parametrize('width', ['nan', 'inf', '1e39', '-inf'])
def test_a_face_whose_size_is_no_number_is_named_and_not_left_out(tmp_path, width):
    with pytest.raises(AnnotationError, match=r'label.txt:3: field 2 must be a number'):
        load(tmp_path, '# c.jpg', line(), line(width=width))


def test_a_negative_flag_other_than_the_missing_ones_is_named(tmp_path):
    with pytest.raises(AnnotationError, match=r'label.txt:3: flags of landmarks must be -1 or at least 0. Got .*-2.0'):
        load(tmp_path, '# c.jpg', line(), line(flags=(0, 0, -2, 0, 0)))


def test_a_missing_point_without_its_flag_is_named(tmp_path):
    points = [*POINTS[:4], (-1, -1)]
    with pytest.raises(AnnotationError, match=r'label.txt:2: flag -1 must go exactly with the point -1, -1'):
        load(tmp_path, '# c.jpg', line(points=points))
