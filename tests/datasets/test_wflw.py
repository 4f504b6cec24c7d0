import cv2
import numpy as np
import pytest
from helpers import REAL_FACES, needs_real_faces, wflw_line

from mmsepbn.datasets import WFLWDataset
from mmsepbn.datasets.annotation import AnnotationError


def make_dataset(root, lines, images=('event/face.jpg',), **kwargs):
    (root / 'list.txt').write_text('\n'.join(lines) + '\n')
    for image in images:
        (root / image).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / image), np.zeros((120, 120, 3), np.uint8))
    return WFLWDataset(ann_file='list.txt', data_root=str(root), data_prefix=dict(img=''), **kwargs)


def test_a_line_is_read_as_the_format_says(tmp_path):
    landmarks = np.random.default_rng(1).uniform(-5, 130, (98, 2)).round(6)
    line = wflw_line(landmarks, box=(10, 20, 110, 125), flags=(1, 0, 0, 1, 0, 1))
    info = make_dataset(tmp_path, [line]).get_data_info(0)
    np.testing.assert_allclose(info['keypoints'][0], landmarks, rtol=1e-6)
    assert info['bbox'].tolist() == [[10, 20, 110, 125]]
    assert info['subsets'] == ('pose', 'makeup', 'blur')
    assert info['img_path'] == str(tmp_path / 'event' / 'face.jpg')
    assert info['keypoints_visible'].tolist() == [[1] * 98]
    assert (info['dataset_name'], info['protocol'], info['box_source']) == ('wflw', 'wflw', 'official')


def test_one_image_may_hold_several_faces(tmp_path):
    dataset = make_dataset(tmp_path, [wflw_line(), '', wflw_line(box=(1, 2, 3, 4))])
    assert len(dataset) == 2
    assert dataset.get_data_info(1)['bbox'].tolist() == [[1, 2, 3, 4]]


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (wflw_line() + ' more', r'list.txt:2: expected 207 fields separated by blanks. Got 208'),
        (wflw_line().replace(' 10 20 ', ' ten 20 '), r"list.txt:2: field 196 must be a number. Got 'ten'"),
        (wflw_line(np.full((98, 2), np.nan)), r"list.txt:2: field 0 must be a number. Got 'nan'"),
        (wflw_line(box=(10, 20, 10, 90)), r'list.txt:2: the box must have an area: .* Got \[10.0, 20.0'),
        (wflw_line(flags=(0, 0, 2, 0, 0, 0)), r'list.txt:2: the six attributes must be 0 or 1'),
    ],
)
def test_a_bad_line_names_file_and_line(tmp_path, line, message):
    with pytest.raises(AnnotationError, match=message):
        make_dataset(tmp_path, [wflw_line(), line])


def test_a_byte_order_mark_and_windows_lines_change_nothing(tmp_path):
    lines = [wflw_line(), wflw_line(box=(1, 2, 3, 4))]
    whole = make_dataset(tmp_path, lines)
    (tmp_path / 'list.txt').write_bytes(('\ufeff' + '\r\n'.join(lines)).encode())
    again = WFLWDataset(ann_file='list.txt', data_root=str(tmp_path))
    for index in range(2):
        assert np.array_equal(again.get_data_info(index)['keypoints'], whole.get_data_info(index)['keypoints'])
        assert again.get_data_info(index)['img_path'] == whole.get_data_info(index)['img_path']


def test_missing_images_are_listed_together(tmp_path):
    lines = [wflw_line(image=f'gone/{i:02d}.jpg') for i in range(12)] + [wflw_line()]
    with pytest.raises(AnnotationError) as error:
        make_dataset(tmp_path, lines)
    text = str(error.value)
    assert text.startswith(f'12 annotated images are missing under {tmp_path}')
    assert 'gone/09.jpg' in text
    assert 'gone/10.jpg' not in text
    assert text.endswith('and 2 more')


def test_a_missing_or_empty_list_is_an_error(tmp_path):
    with pytest.raises(AnnotationError, match=r'the annotation file .*nowhere.txt does not exist'):
        WFLWDataset(ann_file='nowhere.txt', data_root=str(tmp_path))
    (tmp_path / 'empty.txt').write_text('\n')
    with pytest.raises(AnnotationError, match='no faces found'):
        WFLWDataset(ann_file='empty.txt', data_root=str(tmp_path))


@needs_real_faces
def test_real_faces_in_official_layout_and_in_mmposes_json_are_the_same_faces():
    root = REAL_FACES / 'official' / 'WFLW'
    listing = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt'
    official = WFLWDataset(data_root=str(root), ann_file=listing, data_prefix=dict(img='WFLW_images'))
    converted = WFLWDataset(data_root=str(REAL_FACES / 'wflw'), ann_file='test_wflw.json', data_prefix=dict(img=''))
    assert len(official) == len(converted) == 4
    twins = [converted.get_data_info(i) for i in range(4)]
    for i in range(4):
        info = official.get_data_info(i)
        twin = min(twins, key=lambda other: np.abs(other['keypoints'] - info['keypoints']).max())
        np.testing.assert_allclose(info['keypoints'], twin['keypoints'], atol=1e-3)
        assert info['img_path'].split('/')[-1] == twin['img_path'].split('/')[-1]
        assert (info['box_source'], twin['box_source']) == ('official', 'landmarks')
        box, points = twin['bbox'][0], twin['keypoints'][0]
        assert (points >= box[:2] - 1).all()
        assert (points <= box[2:] + 1).all()
        assert box[2] - box[0] == pytest.approx(np.ptp(points, axis=0).max(), abs=2)
