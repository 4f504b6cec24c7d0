"""Each format, read back by whoever is to read it."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

import mmsepbn
from mmsepbn.apis import Face
from mmsepbn.apis.image import open_image
from mmsepbn.datasets.formats.pts_file import read_pts
from mmsepbn.detectors.given_boxes import read_boxes
from mmsepbn.detectors.make import make_detector
from mmsepbn.outputs.coco import coco_content, mmpose_content
from mmsepbn.outputs.image_faces import ImageFaces
from mmsepbn.outputs.plain import csv_text, json_content
from mmsepbn.outputs.pts import pts_of, pts_text
from mmsepbn.protocols import FACE_300W, PROTOCOLS, WFLW, WIDER_FACE

DATASETS = {
    'wflw': mmsepbn.WFLWDataset,
    '300w': mmsepbn.Face300WDataset,
    'cofw': mmsepbn.COFWDataset,
    'aflw': mmsepbn.AFLWDataset,
    'wider_face': mmsepbn.WiderFaceDataset,
}
SIZE = (60, 40)  # as stored


def faces(count=2, seed=0, size=SIZE):
    generator = np.random.default_rng(seed)
    landmarks = [
        {name: generator.uniform(-2, 42, (p.num_landmarks, 2)).astype(np.float32) for name, p in PROTOCOLS.items()}
        for _ in range(count)
    ]
    boxes = [np.sort(generator.uniform(0, 40, (2, 2)), axis=0).ravel() + [0, 0, 5, 5] for _ in range(count)]
    scores = (0.5, None)
    return [
        Face(box, own, score=scores[place % 2], detector='mtcnn')
        for place, (box, own) in enumerate(zip(boxes, landmarks, strict=True))
    ]


def images(orientation=1, size=SIZE):
    return [
        ImageFaces('photos/a.jpg', 'a.jpg', size, orientation, faces()),
        ImageFaces('photos/b/a.jpg', 'b/a.jpg', size, orientation, faces(1, seed=1)),
    ]


@pytest.fixture
def photo(tmp_path):
    """Write an image with an EXIF orientation in two places; returns it as it is shown."""

    def write(orientation):
        exif = Image.Exif()
        exif[0x112] = orientation
        (tmp_path / 'b').mkdir()
        for name in ('a.jpg', 'b/a.jpg'):
            Image.fromarray(np.full((*SIZE[::-1], 3), 200, np.uint8)).save(tmp_path / name, exif=exif)
        return open_image(tmp_path / 'a.jpg')

    return write


def stored_by_hand(points, orientation):
    """Points of the shown image in the stored one, by the EXIF standard."""
    sizes = SIZE if orientation < 5 else SIZE[::-1]
    width, height = sizes
    x, y = points[..., 0].astype(float), points[..., 1].astype(float)
    maps = {
        1: (x, y),
        2: (width - 1 - x, y),
        3: (width - 1 - x, height - 1 - y),
        4: (x, height - 1 - y),
        5: (y, x),
        6: (y, width - 1 - x),
        7: (height - 1 - y, width - 1 - x),
        8: (height - 1 - y, x),
    }
    return np.stack(maps[orientation], axis=-1)


def ordered_by_hand(points, orientation, protocol):
    """Landmarks of the shown image as those of the stored one, which is a mirror image under four orientations."""
    stored = stored_by_hand(points, orientation)
    return stored[list(protocol.flip_indices)] if orientation in (2, 4, 5, 7) else stored


@pytest.mark.slow
@pytest.mark.parametrize('name', PROTOCOLS)
@pytest.mark.parametrize('orientation', range(1, 9))
def test_predictions_become_a_training_set_of_what_was_predicted(tmp_path, photo, name, orientation):
    """The faces of the shown images come back as those of the stored pixels, which training reads, to the rounding."""
    shown = photo(orientation)
    assert shown.orientation == orientation
    written = images(orientation, shown.pixels.shape[1::-1])
    (tmp_path / 'ann.json').write_text(json.dumps(mmpose_content(written, PROTOCOLS[name])))
    dataset = DATASETS[name](data_root=str(tmp_path), ann_file='ann.json')
    expected = [(image, face) for image in written for face in image.faces]
    assert len(dataset) == len(expected) == 3
    for index, (image, face) in enumerate(expected):
        sample = dataset.get_data_info(index)
        assert sample['img_path'] == str(tmp_path / image.name)
        wanted = ordered_by_hand(face.landmarks[name], orientation, PROTOCOLS[name])
        np.testing.assert_allclose(sample['keypoints'][0], wanted, atol=0.00051)
        assert (sample['keypoints_visible'] == 1).all()
        corners = stored_by_hand(face.box.reshape(2, 2), orientation)
        low, high = corners.min(axis=0), corners.max(axis=0)
        side = (high - low).max()
        square = np.concatenate(((low + high - side) / 2, (low + high + side) / 2))
        np.testing.assert_allclose(sample['bbox'][0], square, atol=0.002)


def test_mmposes_own_data_set_reads_the_training_file(tmp_path, photo, monkeypatch):
    from mmpose.datasets.datasets import WFLWDataset

    monkeypatch.chdir(tmp_path)  # it reads configs/_base_/datasets/wflw.py, of ours where there is one
    photo(1)
    (tmp_path / 'ann.json').write_text(json.dumps(mmpose_content(images(), WFLW)))
    dataset = WFLWDataset(ann_file='ann.json', data_root=str(tmp_path), data_prefix=dict(img=''))
    sample = dataset.get_data_info(2)
    np.testing.assert_allclose(sample['keypoints'][0], images()[1].faces[0].landmarks['wflw'], atol=0.00051)


@pytest.mark.parametrize('orientation', [1, 6, 7])
def test_pts_files_are_those_of_300w(tmp_path, photo, orientation):
    image = images(orientation, photo(orientation).pixels.shape[1::-1])[0]
    for text, face in zip(pts_of(image, FACE_300W), image.faces, strict=True):
        (tmp_path / 'a.pts').write_text(text)
        wanted = ordered_by_hand(face.landmarks['300w'], orientation, FACE_300W)
        np.testing.assert_allclose(read_pts(tmp_path / 'a.pts', 68), wanted, atol=0.00051)


@pytest.mark.parametrize('orientation', range(1, 9))
def test_what_is_trained_on_has_left_and_right_as_every_face_has_them(tmp_path, orientation):
    """With the chin below, the jaw goes from the left to the right, also of a face that is stored mirrored."""
    landmarks = np.zeros((68, 2), np.float32)
    landmarks[[0, 8, 16]] = (5, 10), (20, 38), (35, 10)
    image = ImageFaces('a.jpg', 'a.jpg', SIZE, orientation, [Face(np.array([0.0, 0, 40, 40]), {'300w': landmarks})])
    (text,) = pts_of(image, FACE_300W)
    (tmp_path / 'a.pts').write_text(text)
    (annotation,) = mmpose_content([image], FACE_300W)['annotations']
    for points in (read_pts(tmp_path / 'a.pts', 68), np.reshape(annotation['keypoints'], (68, 3))[:, :2]):
        across, down = points[16] - points[0], points[8] - points[0]
        assert across[0] * down[1] > across[1] * down[0]


def test_a_pts_file_counts_pixels_from_one():
    assert pts_text(np.array([[0, 0], [1.5, -2]])) == 'version: 1\nn_points: 2\n{\n1.000 1.000\n2.500 -1.000\n}\n'


def test_pycocotools_loads_coco_with_a_skeleton_for_each_protocol(tmp_path):
    (tmp_path / 'coco.json').write_text(json.dumps(coco_content(images(6), [WFLW, WIDER_FACE])))
    coco = COCO(tmp_path / 'coco.json')
    first, second = coco.loadCats(coco.getCatIds())
    assert (first['name'], second['name']) == ('face_wflw', 'face_wider_face')
    assert len(set(first['keypoints'])) == 98
    assert second['keypoints'] == ['left_eye_0', 'right_eye_0', 'nose_0', 'mouth_0', 'mouth_1']
    assert second['skeleton'] == [[4, 5]]
    links = {tuple(link) for link in first['skeleton']}
    assert {(1, 2), (32, 33), (61, 62), (68, 61), (96, 89)} <= links  # contour, a closed eye, a closed lip
    assert (33, 1) not in links
    assert [image['file_name'] for image in coco.loadImgs(coco.getImgIds())] == ['a.jpg', 'b/a.jpg']
    own = coco.loadAnns(coco.getAnnIds(imgIds=[0], catIds=[2]))
    for annotation, face in zip(own, faces(), strict=True):
        triples = np.reshape(annotation['keypoints'], (-1, 3))
        np.testing.assert_allclose(triples[:, :2], face.landmarks['wider_face'], atol=0.00051)  # of the shown image
        assert (triples[:, 2] == 2).all()
        x, y, width, height = annotation['bbox']
        np.testing.assert_allclose((x, y, x + width, y + height), face.box, atol=0.0021)
        assert annotation['area'] == pytest.approx(width * height)
        assert annotation.get('score') == face.score
        assert annotation['num_keypoints'] == 5
    assert len(coco.getAnnIds()) == 6
    belonging = [(each['image_id'], each['category_id'], each['face']) for each in coco.loadAnns(coco.getAnnIds())]
    assert belonging == [(0, 1, 0), (0, 2, 0), (0, 1, 1), (0, 2, 1), (1, 1, 0), (1, 2, 0)]


def test_training_files_and_coco_tell_the_confidence_where_there_is_one():
    (image, *_) = images()
    sure = replace(image, faces=[replace(face, confidence=0.75) for face in image.faces])
    for content in (coco_content, lambda images, protocols: mmpose_content(images, *protocols)):
        told, untold = (content([each], [WFLW])['annotations'] for each in (sure, image))
        assert [annotation['confidence'] for annotation in told] == [0.75, 0.75]
        assert not any('confidence' in annotation for annotation in untold)


def test_files_of_several_protocols_give_each_face_once_to_detect_by(tmp_path):
    names = ('wflw', 'wider_face')
    for name in names:
        (tmp_path / f'{name}.csv').write_text(csv_text(images(), PROTOCOLS[name]))
    coco = tmp_path / 'coco.json'
    coco.write_text(json.dumps(coco_content(images(), [PROTOCOLS[name] for name in names])))
    for source in (tmp_path / 'wflw.csv', coco):
        detector = make_detector(str(source))
        assert detector.name == 'mtcnn'
        found = detector(np.zeros((40, 60, 3), np.uint8), 'photos/a.jpg').boxes
        wanted = sorted((face.box for face in faces()), key=lambda box: -(box[2:] - box[:2]).prod())
        np.testing.assert_allclose(found, wanted, atol=0.0021)
    coco.unlink()
    assert len(make_detector(str(tmp_path))(np.zeros((40, 60, 3), np.uint8), 'photos/a.jpg').boxes) == 2


def test_json_has_all_of_a_face():
    content = json.loads(json.dumps(json_content(images()[0])))
    assert (content['image'], content['width'], content['height']) == ('photos/a.jpg', 60, 40)
    for written, face in zip(content['faces'], faces(), strict=True):
        np.testing.assert_allclose(written['box'], face.box, atol=0.00051)
        for name, points in face.landmarks.items():
            np.testing.assert_allclose(written['landmarks'][name], points, atol=0.00051)
        assert [written[name] for name in ('score', 'confidence', 'track')] == [face.score, None, None]
        assert written['detector'] == 'mtcnn'


def test_csv_has_a_line_for_each_face_and_gives_boxes_to_detect_by(tmp_path):
    text = csv_text(images(), WIDER_FACE)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row['image'], row['face']) for row in rows] == [
        ('photos/a.jpg', '0'),
        ('photos/a.jpg', '1'),
        ('photos/b/a.jpg', '0'),
    ]
    for row, face in zip(rows, faces(), strict=False):
        names = ('left_eye_0', 'right_eye_0', 'nose_0', 'mouth_0', 'mouth_1')
        points = [[float(row[f'{axis}_{name}']) for axis in 'xy'] for name in names]
        np.testing.assert_allclose(points, face.landmarks['wider_face'], atol=0.00051)
        assert row['score'] == ('' if face.score is None else '0.5')
    (tmp_path / 'boxes.csv').write_text(text)
    for given, face in zip(read_boxes(tmp_path / 'boxes.csv'), faces(), strict=False):
        np.testing.assert_allclose(given.box, face.box, atol=0.00051)


def test_names_with_commas_and_letters_of_any_script_stay_what_they_are(tmp_path):
    odd = ImageFaces('a,"b"/ä.jpg', 'ä.jpg', SIZE, 1, faces(1))
    (row,) = csv.DictReader(io.StringIO(csv_text([odd], WIDER_FACE)))
    assert row['image'] == 'a,"b"/ä.jpg'


def test_an_image_without_faces_stays_an_image():
    empty = ImageFaces('a.jpg', 'a.jpg', SIZE, 1, [])
    assert json_content(empty)['faces'] == []
    content = coco_content([empty], [WFLW])
    assert (len(content['images']), content['annotations']) == (1, [])
