import json
from pathlib import PurePath

import cv2
import numpy as np
import pytest
from PIL import Image

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.detectors.given_boxes import GivenBox, GivenBoxes
from mmsepbn.detectors.make import make_detector

IMAGE = np.zeros((50, 50, 3), np.uint8)
COCO = dict(
    images=[dict(id=7, file_name='photos/a.jpg'), dict(id='x', file_name='b.jpg')],
    annotations=[
        dict(id=1, image_id=7, bbox=[1, 2, 3, 4], score=0.5),
        dict(id=2, image_id=7, bbox=[0, 0, 20, 10], score=0.25),
        dict(id=3, image_id='x', bbox=[5, 6, 7, 8]),
    ],
)


def boxes(folder, name, content, path, **limits):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return make_detector(str(file), **limits)(IMAGE, path)


def test_coco_boxes_by_the_name_of_the_image(tmp_path):
    found = boxes(tmp_path, 'boxes.json', json.dumps(COCO), '/home/me/photos/a.jpg')
    assert found.boxes.tolist() == [[0, 0, 20, 10], [1, 2, 4, 6]]
    assert found.scores.tolist() == [0.25, 0.5]
    found = boxes(tmp_path, 'boxes.json', json.dumps(COCO), 'b.jpg')
    assert found.boxes.tolist() == [[5, 6, 12, 14]]
    assert found.scores is None


def test_limits_hold_for_given_boxes_too(tmp_path):
    found = boxes(tmp_path, 'boxes.json', json.dumps(COCO), 'a.jpg', max_faces=1)
    assert found.boxes.tolist() == [[0, 0, 20, 10]]


def test_given_scores_are_limited_too(tmp_path):
    table = 'image,x1,y1,x2,y2,score\na.jpg,0,0,9,9,0.25\na.jpg,1,2,4,6,0.5\n'
    assert boxes(tmp_path, 'boxes.csv', table, 'a.jpg', min_score=0.3).boxes.tolist() == [[1, 2, 4, 6]]
    with pytest.raises(ValueError, match=r'min_score must be .* Got 0\.3, and .*boxes\.csv:4 has none\.'):
        boxes(tmp_path, 'boxes.csv', f'{table}b.jpg,1,2,3,4,\n', 'a.jpg', min_score=0.3)


@pytest.mark.parametrize(
    'table',
    [
        'image,x1,y1,x2,y2,score\na.jpg,1,2,4,6,0.5\nb.jpg,9,9,19,19,1\n',
        'score, X1, Y1, X2, Y2, Image\r\n0.5,1,2,4,6,a.jpg\r\n\r\n',
        'file_name,x,y,w,h,score,more\n"a.jpg",1,2,3,4,0.5,\n',
        '\ufeffpath,x,y,width,height,score\n./photos/a.jpg,1,2,3,4,0.5',
    ],
)
def test_tables_of_boxes(tmp_path, table):
    found = boxes(tmp_path, 'boxes.csv', table, 'photos/a.jpg')
    assert found.boxes.tolist() == [[1, 2, 4, 6]]
    assert found.scores.tolist() == [0.5]


def test_boxes_of_the_json_of_an_image(tmp_path):
    faces = [dict(box=[1, 2, 4, 6], score=None, detector='haar'), dict(box=[0, 0, 9, 9], score=None, detector='haar')]
    content = json.dumps(dict(image='../photos/a.jpg', width=50, height=50, faces=faces))
    found = boxes(tmp_path, 'a.json', content, '/home/me/photos/a.jpg')
    assert found.boxes.tolist() == [[0, 0, 9, 9], [1, 2, 4, 6]]
    assert found.scores is None
    assert make_detector(str(tmp_path / 'a.json')).name == 'haar'


def test_a_face_in_files_of_several_formats_is_one(tmp_path):
    third = 1 / 3
    (tmp_path / 'a.json').write_text(json.dumps(dict(image='a.jpg', faces=[dict(box=[third, 2, 4, 6])])))
    coco = dict(images=[dict(id=1, file_name='a.jpg')], annotations=[dict(image_id=1, bbox=[0.3333, 2, 3.6667, 4])])
    coco['images'][0]['file_name'] = 'photos/a.jpg'
    (tmp_path / 'coco.json').write_text(json.dumps(coco))
    assert len(make_detector(str(tmp_path))(IMAGE, 'photos/a.jpg').boxes) == 1


@pytest.mark.parametrize(
    ('given', 'path'),
    [
        ('../photos/a.jpg', '/home/photos/a.jpg'),
        ('photos/a.jpg', '../photos/./a.jpg'),
        (r'photos\a.jpg', 'photos/a.jpg'),
        ('photos/é.jpg', 'photos/e\u0301.jpg'),
        ('e\u0301', 'é.png'),
    ],
)
def test_paths_that_name_the_same_file_in_other_ways(given, path):
    found = GivenBoxes((GivenBox(given, np.array([1.0, 2, 4, 6]), 'a line'),))
    assert len(found(IMAGE, path).boxes) == 1


def test_a_table_of_its_own_for_an_image_with_a_dot_in_its_name(tmp_path):
    found = boxes(tmp_path, 'frame.0001.csv', 'x1,y1,x2,y2\n1,2,4,6\n', 'photos/frame.0001.jpg')
    assert found.boxes.tolist() == [[1, 2, 4, 6]]


def test_hidden_files_in_a_folder_of_boxes_are_left_out(tmp_path):
    (tmp_path / '._boxes.csv').write_bytes(bytes(8))
    (tmp_path / '.checkpoints').mkdir()
    (tmp_path / '.checkpoints' / 'boxes.csv').write_text('image,x1,y1,x2,y2\na.jpg,0,0,9,9\n')
    found = boxes(tmp_path, 'boxes.csv', 'image,x1,y1,x2,y2\na.jpg,1,2,4,6\n', 'a.jpg')
    assert len(make_detector(str(tmp_path))(IMAGE, 'a.jpg').boxes) == len(found.boxes) == 1


@pytest.mark.parametrize('orientation', [1, 3, 6, 7])
def test_boxes_of_mmposes_training_file_turn_with_a_photo_and_others_do_not(tmp_path, orientation):
    """A white rectangle of the stored image is the face; viewers show it where OpenCV reads it."""
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[5:15, 20:30] = 255
    exif = Image.Exif()
    exif[0x112] = orientation
    path = str(tmp_path / 'a.png')
    Image.fromarray(stored).save(path, exif=exif)
    shown = cv2.imread(path)
    places = np.argwhere(shown[..., 0] > 0)[:, ::-1]
    (x1, y1), (x2, y2) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    mmpose = dict(image_id=1, bbox=[0, 0, 1, 1], center=[24.5, 9.5], scale=9 / 200)
    coco = dict(image_id=1, bbox=[x1, y1, x2 - x1, y2 - y1])
    for entry in (mmpose, coco):
        file = tmp_path / 'boxes.json'
        file.write_text(json.dumps(dict(images=[dict(id=1, file_name='a.png')], annotations=[entry])))
        np.testing.assert_allclose(make_detector(str(file))(shown, path).boxes, [[x1, y1, x2, y2]])


def test_boxes_of_an_image_in_files_of_both_kinds_are_refused(tmp_path):
    images = [dict(id=1, file_name='a.png')]
    for name, more in (('coco', {}), ('mmpose', dict(center=[24.5, 9.5], scale=9 / 200))):
        entry = dict(image_id=1, bbox=[20, 5, 9, 9], **more)
        (tmp_path / f'{name}.json').write_text(json.dumps(dict(images=images, annotations=[entry])))
    with pytest.raises(ValueError, match=r'a\.png must be of one file\. Got .*coco\.json.* and .*mmpose\.json'):
        make_detector(str(tmp_path))(np.zeros((40, 60, 3), np.uint8), 'a.png')


def test_a_folder_with_a_table_for_each_image(tmp_path):
    boxes(tmp_path, 'boxes/a.csv', 'x1,y1,x2,y2\n1,2,4,6\n', 'a.jpg')
    boxes(tmp_path, 'boxes/b.CSV', 'x1,y1,x2,y2\n0,0,9,9\n', 'b.jpg')
    detector = make_detector(str(tmp_path / 'boxes'))
    assert detector(IMAGE, 'photos/a.png').boxes.tolist() == [[1, 2, 4, 6]]
    assert detector(IMAGE, 'b').boxes.tolist() == [[0, 0, 9, 9]]
    assert detector(IMAGE, 'c.jpg').boxes.shape == (0, 4)


def test_images_of_one_name_in_two_folders(tmp_path):
    table = 'image,x1,y1,x2,y2\nu/a.jpg,0,0,1,1\nv/a.jpg,0,0,2,2\n'
    assert boxes(tmp_path, 'boxes.csv', table, '/data/v/a.jpg').boxes.tolist() == [[0, 0, 2, 2]]
    with pytest.raises(ValueError, match=r'must be those of one image\. Got boxes of u/a.jpg, v/a.jpg'):
        boxes(tmp_path, 'boxes.csv', table, 'a.jpg')


def test_boxes_are_not_those_of_two_images(tmp_path):
    boxes(tmp_path, 'boxes.csv', 'image,x1,y1,x2,y2\na.jpg,0,0,1,1\n', 'a.jpg')
    detector = make_detector(str(tmp_path / 'boxes.csv'))
    for _ in range(2):
        assert detector(IMAGE, '/data/u/a.jpg').boxes.tolist() == [[0, 0, 1, 1]]
    with pytest.raises(
        ValueError, match=r'Boxes of a\.jpg must be those of one image\. Got /data/u/a\.jpg and /data/v/a\.jpg'
    ):
        detector(IMAGE, '/data/v/a.jpg')


def test_an_image_without_a_name_has_no_boxes(tmp_path):
    with pytest.raises(ValueError, match='matched by name'):
        boxes(tmp_path, 'boxes.json', json.dumps(COCO), None)


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('boxes.csv', '', r'boxes.csv:1: the first line must name image'),
        ('boxes.csv', 'image,x1,y1,x2\n', r'boxes.csv:1: the first line must name image'),
        ('boxes.csv', 'image,x1,y1,x2,y2\na.jpg,1,2,3\n', r'boxes.csv:2: expected 5 fields. Got 4'),
        (
            'boxes.csv',
            'image,x1,y1,x2,y2\n\na.jpg,1,2,x,3\n',
            r'boxes.csv:3: of x1, y1, x2, y2: field 2 must be a number. Got .x.',
        ),
        (
            'boxes.csv',
            'image,x1,y1,x2,y2\na.jpg,1,2,nan,3\n',
            r'boxes.csv:2: of x1, y1, x2, y2: field 2 must be a number',
        ),
        ('boxes.csv', 'image,x1,y1,x2,y2\na.jpg,5,2,3,3\n', r'boxes.csv:2: the box must have an area'),
        ('boxes.csv', 'image,x1,y1,x2,y2\n,1,2,3,3\n', r'boxes.csv:2: the image must have a name'),
        (
            'boxes.csv',
            'image,x1,y1,x2,y2,score,x1\n',
            r'boxes.csv:1: columns must have names of their own\. Got x1 twice',
        ),
        (
            'boxes.csv',
            'frame,track,x1,y1,x2,y2\n',
            r'boxes.csv:1: the boxes must be those of images\. Got a column frame',
        ),
        (
            'boxes.csv',
            'image,x1,y1,x2,y2\n"a.jpg,1,2,3,4\nb.jpg,1,2,3,4',
            r'boxes.csv:3: a field that begins with a quotation mark must end with one',
        ),
        (
            'boxes.json',
            '{"image": 3, "faces": [{"box": [1, 2, 3, 4]}]}',
            r'boxes.json: image must be the name of a file',
        ),
        ('boxes.json', '{"image": "a", "faces": [{"box": [1, 2, 3]}]}', r'boxes.json: face 0: box must be 4 numbers'),
        ('boxes.json', '{"images": []', r'boxes.json:1: not valid JSON'),
        ('boxes.json', '[]', r"boxes.json: the section 'images' is missing"),
        (
            'boxes.json',
            json.dumps(COCO | dict(annotations=[dict(id=3, image_id=7, bbox=[1, 2, 0, 4])])),
            'boxes.json: annotation 3: the box must have an area',
        ),
        (
            'boxes.json',
            json.dumps(COCO | dict(annotations=[dict(id=3, image_id=7, bbox=[1, 2, 3, 4], detector=5)])),
            r'boxes.json: annotation 3: detector must be a name\. Got 5\.',
        ),
        (
            'boxes.csv',
            'image,x1,y1,x2,y2,detector\na.jpg,1,2,3,3,haar\nb.jpg,1,2,3,3,\n',
            r'Boxes must all be of one detector\. Got boxes \(.*boxes.csv:3\), haar \(.*boxes.csv:2\)\.',
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, name, content, message):
    with pytest.raises(AnnotationError, match=message):
        boxes(tmp_path, name, content, 'a.jpg')


def test_a_folder_without_boxes(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'The folder .* must hold files of boxes, .csv or .json'):
        make_detector(str(tmp_path))


def test_boxes_are_of_the_detector_that_the_file_names(tmp_path):
    for column, values, name in (
        (',detector', (',haar', ',haar'), 'haar'),
        (',detector', (',', ','), 'boxes'),
        ('', ('', ''), 'boxes'),
    ):
        table = f'image,x1,y1,x2,y2{column}\na.jpg,1,2,4,6{values[0]}\nb.jpg,1,2,4,6{values[1]}\n'
        (tmp_path / 'boxes.csv').write_text(table)
        assert make_detector(str(tmp_path / 'boxes.csv')).name == name


NAMES = ('a', 'a.jpg', 'a.b', 'a.b.jpg', 'x/a', 'x/a.jpg', '/x/a.jpg', 'y/x/a.png', './a.jpg', 'jpg', '.jpg', 'b.jpg')


@pytest.mark.parametrize('path', ['a.jpg', '/x/a.jpg', 'y/x/a.png', 'x/a', 'a.b.jpg', '.jpg', 'c/b.jpg', 'none.jpg'])
def test_an_image_has_all_boxes_whose_path_ends_as_its_own(path):
    """As by comparing it with every box; names without the suffix are asked for only where no whole one is found."""

    def ends(given, own):
        shorter, longer = sorted((PurePath(given).parts, PurePath(own).parts), key=len)
        return longer[len(longer) - len(shorter) :] == shorter

    given = [GivenBox(name, np.array([0.0, 0, 1 + place, 1]), f'line {place}') for place, name in enumerate(NAMES)]
    expected = [box for box in given if ends(box.image, path)]
    expected = expected or [box for box in given if ends(box.image, PurePath(path).with_suffix(''))]
    longest = max((PurePath(box.image) for box in expected), key=lambda name: len(name.parts), default=PurePath())
    if all(ends(box.image, longest) for box in expected):
        found = GivenBoxes(tuple(given))(IMAGE, path).boxes.tolist()
        assert sorted(found) == sorted(box.box.tolist() for box in expected)
    else:
        with pytest.raises(ValueError, match='must be those of one image'):
            GivenBoxes(tuple(given))(IMAGE, path)


@pytest.mark.parametrize('other', ['./photos/a.jpg', r'photos\a.jpg', 'a.jpg', '../more/photos/a.jpg'])
def test_one_image_may_be_spelled_in_several_ways(other):
    given = [GivenBox(name, np.array([0.0, 0, 9, 9]), name) for name in ('photos/a.jpg', other)]
    detector = GivenBoxes(tuple(given))
    assert detector(IMAGE, 'photos/a.jpg').boxes.tolist() == [[0, 0, 9, 9]]
    with pytest.raises(ValueError, match=r'Boxes of .*a\.jpg must be those of one image'):
        detector(IMAGE, 'others/photos/a.jpg')


def test_the_box_of_an_image_is_not_that_of_one_whose_name_is_longer():
    detector = GivenBoxes(
        tuple(GivenBox(name, np.array([0.0, 0, len(name), 9]), name) for name in ('a.jpg', 'a.jpg.png'))
    )
    assert detector(IMAGE, 'a.jpg.png').boxes.tolist() == [[0, 0, 9, 9]]
    assert detector(IMAGE, 'a.jpg').boxes.tolist() == [[0, 0, 5, 9]]
