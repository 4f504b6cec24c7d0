import json

import pytest

from mmsepbn.datasets import WFLWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.mmpose_json import read_mmpose_json

ENTRY = dict(id=5, image_id=3, keypoints=[1, 2, 1, 3, 4, 0], center=[50, 60], scale=0.5)


def write(tmp_path, entry, images=None):
    content = dict(images=images or [dict(id=3, file_name='a.jpg')], annotations=[entry])
    path = tmp_path / 'faces.json'
    path.write_text(json.dumps(content))
    return path


def test_square_box_from_center_and_scale(tmp_path):
    (face,) = read_mmpose_json(write(tmp_path, ENTRY), 'landmarks')
    assert face.box.tolist() == [0, 10, 100, 110]
    assert face.landmarks.tolist() == [[1, 2], [3, 4]]
    assert face.annotated.tolist() == [1, 0]
    assert (face.image, face.box_source) == ('a.jpg', 'landmarks')


def test_box_from_bbox_where_there_is_no_center(tmp_path):
    entry = {k: v for k, v in ENTRY.items() if k not in ('center', 'scale')} | dict(bbox=[10, 20, 30, 40])
    (face,) = read_mmpose_json(write(tmp_path, entry), 'official')
    assert face.box.tolist() == [10, 20, 40, 60]


@pytest.mark.parametrize(
    ('entry', 'message'),
    [
        ({k: v for k, v in ENTRY.items() if k != 'keypoints'}, r"annotation 5: 'keypoints' is missing"),
        (ENTRY | dict(keypoints=[1, 2, 3, 4]), 'annotation 5: keypoints must be triples of x, y, v. Got 4'),
        (ENTRY | dict(keypoints=[1, 'x', 1]), r"annotation 5: keypoints must be 3 numbers. Got \[1, 'x', 1\]"),
        (ENTRY | dict(scale=[0.5, 0.5]), r'annotation 5: scale must be 1 numbers. Got \[0.5, 0.5\]'),
        (dict(id=5, keypoints=[1, 2, 1], bbox=[1, 2, 3]), r'annotation 5: bbox must be 4 numbers. Got \[1, 2, 3\]'),
        ({**ENTRY, 'image_id': 8}, 'annotation 5: image_id 8 is not the id of any image'),
        ({**ENTRY, 'image_id': [3]}, r'annotation 5: image_id must be a whole number or text. Got \[3\]'),
        ({**ENTRY, 'image_id': True}, 'annotation 5: image_id must be a whole number or text. Got True'),
        (
            ENTRY | dict(keypoints=[[1, 2, 1], [3, 4]]),
            r'annotation 5: keypoints must be in rows of one length. Got \[\[1, 2, 1\]',
        ),
        (ENTRY | dict(keypoints=[[1, 2, 1, 3], [4, 0]]), 'annotation 5: keypoints must be in rows of one length'),
        (ENTRY | dict(keypoints=[1, [2, 1], 3]), 'annotation 5: keypoints must be 3 numbers'),
        (ENTRY | dict(keypoints=[1, True, 1]), r'annotation 5: keypoints must be 3 numbers. Got \[1, True, 1\]'),
        (ENTRY | dict(keypoints=[1, '2', 1]), r"annotation 5: keypoints must be 3 numbers. Got \[1, '2', 1\]"),
        (ENTRY | dict(keypoints=[1, 10**400, 1]), 'annotation 5: keypoints must be 3 numbers. Got'),
        (ENTRY | dict(keypoints=[1, 2, float('nan')]), 'annotation 5: v of keypoints must be finite'),
        (ENTRY | dict(keypoints=None), 'annotation 5: keypoints must be 1 numbers. Got None'),
        (ENTRY | dict(keypoints={'a': 1}), 'annotation 5: keypoints must be 1 numbers. Got'),
        (ENTRY | dict(scale='0.5'), "annotation 5: scale must be 1 numbers. Got '0.5'"),
        (ENTRY | dict(id=list(range(999)), scale='0.5'), r'annotation \[0, 1, 2, 3, 4, 5, ...\]: scale must be'),
    ],
)
def test_a_bad_entry_is_named(tmp_path, entry, message):
    with pytest.raises(AnnotationError, match=message):
        list(read_mmpose_json(write(tmp_path, entry), 'official'))


def test_ids_of_annotations_may_repeat_or_be_absent(tmp_path):
    """Merged files have them begin anew; faces that really appear twice are a note of tools/check_data.py."""
    path = write(tmp_path, ENTRY)
    content = json.loads(path.read_text())
    content['annotations'] += [ENTRY, {key: value for key, value in ENTRY.items() if key != 'id'}]
    path.write_text(json.dumps(content))
    assert len(list(read_mmpose_json(path, 'official'))) == 3


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / 'faces.json'
    path.write_text('{\n"images": [')
    with pytest.raises(AnnotationError, match=r'faces.json:2: not valid JSON'):
        list(read_mmpose_json(path, 'official'))
    path.write_text('{"images": []}')
    with pytest.raises(AnnotationError, match="section 'annotations' is missing"):
        list(read_mmpose_json(path, 'official'))
    path.write_text('{"images": [{"file_name": "a.jpg"}], "annotations": []}')
    with pytest.raises(AnnotationError, match=r"faces.json: image 0: 'id' is missing"):
        list(read_mmpose_json(path, 'official'))


@pytest.mark.parametrize(
    ('images', 'message'),
    [
        ([dict(id=3, file_name=17)], 'image 0: file_name must be the name of a file. Got 17'),
        ([dict(id=3, file_name='')], "image 0: file_name must be the name of a file. Got ''"),
        ([dict(id=3)], "image 0: 'file_name' is missing"),
        ([dict(id=[3], file_name='a.jpg')], r'image 0: id must be a whole number or text. Got \[3\]'),
        ([dict(id=True, file_name='a.jpg')], 'image 0: id must be a whole number or text. Got True'),
        (
            [dict(id=3, file_name='a.jpg'), dict(id=3, file_name='b.jpg')],
            "image 1: the id 3 is already that of 'a.jpg'",
        ),
    ],
)
def test_a_bad_image_is_named(tmp_path, images, message):
    with pytest.raises(AnnotationError, match=message):
        list(read_mmpose_json(write(tmp_path, ENTRY, images), 'official'))


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[]', "section 'images' is missing"),
        ('{"images": [], "annotations": [1]}', "section 'annotations' is missing, or is not a list of objects"),
        ('\ufeff{"images": [], "annotations": {}}', "section 'annotations' is missing"),
        ('', 'faces.json:1: not valid JSON'),
    ],
)
def test_a_file_of_another_form_is_named(tmp_path, content, message):
    path = tmp_path / 'faces.json'
    path.write_text(content, encoding='utf-8')
    with pytest.raises(AnnotationError, match=message):
        list(read_mmpose_json(path, 'official'))


def test_rows_of_points_and_ids_of_text_are_read(tmp_path):
    entry = ENTRY | dict(image_id='x', keypoints=[[1, 2, 1], [3, 4, 0]], scale=[0.5])
    (face,) = read_mmpose_json(write(tmp_path, entry, [dict(id='x', file_name='ä.jpg')]), 'official')
    assert face.landmarks.tolist() == [[1, 2], [3, 4]]
    assert face.image == 'ä.jpg'


def test_the_dataset_reads_a_json_and_masks_what_is_not_annotated(tmp_path):
    keypoints = [[i, 2 * i, 1] for i in range(98)]
    keypoints[7] = [float('nan'), 0, 0]
    entry = ENTRY | dict(keypoints=[value for point in keypoints for value in point])
    path = write(tmp_path, entry, [dict(id=3, file_name='faces.json')])
    info = WFLWDataset(data_root=str(tmp_path), ann_file=path.name).get_data_info(0)
    assert info['keypoints_visible'][0].tolist() == [float(i != 7) for i in range(98)]
    assert info['keypoints'][0, 7].tolist() == [0, 0]
    assert info['keypoints'][0, 97].tolist() == [97, 194]
    assert info['box_source'] == 'landmarks'


@pytest.mark.parametrize(('image_id', 'named'), [(3.0, 3), (3, 3.0)])
def test_whole_numbers_may_be_written_with_a_point_and_an_image_may_stand_twice(tmp_path, image_id, named):
    images = [dict(id=named, file_name='a.jpg'), dict(id=3, file_name='a.jpg')]
    (face,) = read_mmpose_json(write(tmp_path, ENTRY | dict(image_id=image_id), images), 'official')
    assert face.image == 'a.jpg'
