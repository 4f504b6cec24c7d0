"""Landmarks of images, against MMPose's own inference and hand-made networks."""

import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DATASETS
from mmengine.runner import Runner
from PIL import Image as PILImage
from tiny_landmarker import write_network

from mmsepbn.apis import FaceLandmarker, NetworkInfo
from mmsepbn.apis.prediction_settings import store
from mmsepbn.detectors import make
from mmsepbn.detectors.detector import Found
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.protocols import COFW, FACE_300W, WFLW, WIDER_FACE

BOXES = np.array([[20.0, 20, 100, 110], [-10, 5, 60.5, 70], [40, 40, 47, 52]])
IMAGE = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8), (0, 0), 2)


class CornersNetwork:
    """Finds landmark i at x = 2 i, y = i in its crop, of 8 x 4 pixels, and remembers how many crops it was given."""

    def __init__(self, protocols=(WIDER_FACE, COFW), **info):
        self.info = NetworkInfo(protocols, (8, 4), **info)
        self.sizes = []

    def __call__(self, crops, protocols):
        self.sizes.append(len(crops))
        counts = {protocol.name: protocol.num_landmarks for protocol in self.info.protocols}
        return {
            name: np.tile(np.arange(counts[name])[:, None] * np.array([2, 1], np.float32), (len(crops), 1, 1))
            for name in protocols
        }


class Detector:
    name = 'planted'

    def __init__(self, boxes, scores=None):
        self.found = Found(np.array(boxes, np.float64).reshape(-1, 4), scores)

    def __call__(self, image, path=None):
        return self.found


PADDED = """
pipeline = [
    dict(type='mmsepbn.LoadFaceImage'),
    dict(type='mmsepbn.FaceCrop', padding=1.25),
    dict(type='mmsepbn.PackFaceInputs'),
]
val_dataloader = dict(dataset=dict(datasets={name: dict(pipeline=pipeline) for name in ('wflw', '300w', 'cofw')}))
test_dataloader = val_dataloader
"""


FLIP = "model['test_cfg'] = dict(flip_test=True)\n"
RLE = """
codec = dict(type='RegressionLabel', input_size=(128, 128))
model['head'] = dict(
    landmarks_key='num_joints',
    branch=dict(_delete_=True, type='RLEHead', in_channels=32, loss=dict(type='RLELoss'), decoder=codec),
)
"""


@pytest.mark.parametrize(
    'more',
    [
        pytest.param('', id='plain'),
        pytest.param(RLE + FLIP, id='rle_flip_test'),
        pytest.param(FLIP, id='flip_test', marks=pytest.mark.slow),
        pytest.param(RLE, id='rle', marks=pytest.mark.slow),
        pytest.param(PADDED, id='padded', marks=pytest.mark.slow),
    ],
)
def test_it_equals_mmposes_inference_on_the_same_boxes(tmp_path, photos, more):
    """Whose network has one branch."""
    from mmpose.apis import inference_topdown, init_model

    config, checkpoint = write_network(tmp_path, more)
    cfg = Config.fromfile(config)
    cfg.model.head.protocols = ['wflw']
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.dataset = loader.dataset.datasets['wflw']
    state = torch.load(checkpoint)['state_dict']
    others = ('head.branches.300w', 'head.branches.cofw')
    torch.save({name: value for name, value in state.items() if not name.startswith(others)}, tmp_path / 'wflw.pth')
    model = init_model(cfg, str(tmp_path / 'wflw.pth'), device='cpu')
    expected = [face.pred_instances for face in inference_topdown(model, photos[0], bboxes=BOXES)]
    faces = FaceLandmarker(config, checkpoint, protocol='wflw')(photos[0], boxes=BOXES)
    assert len(faces) == len(expected) == 3
    for face, box, instance in zip(faces, BOXES, expected, strict=True):
        assert np.array_equal(face.box, box)
        assert np.ptp(instance.keypoints[0], axis=0).min() > 0.1 * (box[2] - box[0])  # not all at one place
        np.testing.assert_allclose(face.landmarks['wflw'], instance.keypoints[0], atol=2e-3)


def test_errors_over_a_test_set_are_those_of_the_metric(tiny, synthetic_faces):
    config, checkpoint = tiny
    cfg = Config.fromfile(config)
    for name, folder in (('wflw', 'WFLW'), ('300w', '300W'), ('cofw', 'COFW')):
        cfg.test_dataloader.dataset.datasets[name].data_root = str(synthetic_faces / folder)
    cfg.test_dataloader.update(num_workers=0, persistent_workers=False)
    landmarker = FaceLandmarker(cfg, checkpoint)
    tested = DATASETS.build(cfg.test_dataloader.dataset)
    cfg.load_from, cfg.work_dir, cfg.default_hooks.logger = str(checkpoint), str(config.parent / 'run'), None
    rows = Runner.from_cfg(cfg).test()
    errors = {}
    for index in range(len(tested)):
        sample = tested.get_data_info(index)
        protocol = {each.name: each for each in (FACE_300W, WFLW, COFW)}[sample['protocol']]
        (face,) = landmarker(sample['img_path'], boxes=sample['bbox'], protocol=protocol.name)
        normalizer = protocol.normalizers(sample['keypoints'], sample['bbox'])
        error = normalized_mean_error(face.landmarks[protocol.name][None], sample['keypoints'], normalizer)
        errors.setdefault(protocol.name, []).append(error[0])
    for name, own in errors.items():
        assert rows[f'{name}/NME'] == pytest.approx(100 * np.mean(own), rel=1e-4)


def test_all_branches_come_of_one_pass_of_the_backbone(tiny, photos):
    landmarker = FaceLandmarker(*tiny)
    calls = []
    landmarker.network._model.backbone.register_forward_hook(lambda *args: calls.append(len(args[1][0])))
    (every,) = landmarker(photos[0], boxes=BOXES[:1])
    assert calls == [1]
    assert {name: points.shape for name, points in every.landmarks.items()} == {
        '300w': (68, 2),
        'wflw': (98, 2),
        'cofw': (29, 2),
    }
    for name in every.landmarks:
        (one,) = landmarker(photos[0], boxes=BOXES[:1], protocol=name)
        assert list(one.landmarks) == [name]
        np.testing.assert_allclose(one.landmarks[name], every.landmarks[name], atol=1e-4)
    (two,) = landmarker(photos[0], boxes=BOXES[:1], protocol=('cofw', 'wflw'))
    assert list(two.landmarks) == ['cofw', 'wflw']


def test_faces_of_several_images_share_a_batch_and_are_those_of_each_alone(tiny, photos):
    landmarker = FaceLandmarker(*tiny, batch_size=4)
    boxes = [BOXES, BOXES[:0], BOXES[::-1], BOXES[1:]]
    together = landmarker(photos[:4], boxes=boxes)
    assert [len(faces) for faces in together] == [3, 0, 3, 2]
    for image, own, faces in zip(photos, boxes, together, strict=False):
        for face, alone in zip(faces, landmarker(cv2.imread(image), boxes=own), strict=True):
            assert np.array_equal(face.box, alone.box)
            np.testing.assert_allclose(face.landmarks['cofw'], alone.landmarks['cofw'], atol=1e-3)
    network = CornersNetwork()
    FaceLandmarker(network, batch_size=3)([IMAGE] * 4, boxes=[BOXES, BOXES[:0], BOXES[:1], BOXES[:2]])
    assert network.sizes == [3, 3]
    assert FaceLandmarker(network)([]) == []
    assert FaceLandmarker(network)(IMAGE, boxes=[]) == []
    assert len(network.sizes) == 2


def test_crop_pixels_come_back_as_image_pixels():
    """A box of 20 x 10 pixels at 30, 40 is cut out as 20 x 20 at 30, 35, for a crop of 8 x 4."""
    (face,) = FaceLandmarker(CornersNetwork(), protocol='wider_face')(IMAGE, boxes=[[30, 40, 50, 50]])
    expected = [(30 + 2 * i * 20 / 8, 35 + i * 20 / 4) for i in range(5)]
    np.testing.assert_allclose(face.landmarks['wider_face'], expected, rtol=1e-6)
    assert face.landmarks['wider_face'].dtype == np.float32
    assert face.box.tolist() == [30, 40, 50, 50]
    assert face.score is None
    assert face.confidence is None
    (face,) = FaceLandmarker(CornersNetwork(padding=1.5), protocol='wider_face')(IMAGE, boxes=[[30, 40, 50, 50]])
    expected = [(25 + 2 * i * 30 / 8, 30 + i * 30 / 4) for i in range(5)]
    np.testing.assert_allclose(face.landmarks['wider_face'], expected, rtol=1e-6)


def test_limits_hold_for_a_detector_of_ones_own_and_for_whole_images():
    boxes, image = [[0, 0, 20, 20], [30, 30, 70, 70]], np.zeros((80, 80, 3), np.uint8)
    own = Detector(boxes, np.array([0.9, 0.4]))

    def found(faces, **limits):
        return [face.box.tolist() for face in FaceLandmarker(CornersNetwork(), faces=faces, **limits)(image)]

    assert found(own) == boxes
    assert found(own, max_faces=1) == found(own, min_size=30) == boxes[1:]
    assert found(own, min_score=0.5) == boxes[:1]
    assert found('whole', min_size=80) == [[0, 0, 80, 80]]
    assert found('whole', min_size=81) == []
    with pytest.raises(ValueError, match='max_faces must be at least 1'):
        FaceLandmarker(CornersNetwork(), max_faces=0)


@pytest.mark.parametrize('limits', [{}, dict(max_faces=3)])
@pytest.mark.parametrize(
    ('answer', 'message'),
    [
        (np.array([[0, 0, 20, 20]]), r'^The detector planted must return Found: boxes \(N, 4\), .* Got array\(\[\[ 0'),
        (None, r'must return Found: .* Got None\.$'),
        (Found(np.arange(4)), r'^The boxes of the detector planted must be \(N, 4\), .* Got array\(\[0, 1, 2'),
        (Found('face'), r"must be \(N, 4\), x1, y1, x2, y2\. Got 'face'\.$"),
        (Found([[0, 0, 20, 20]], np.ones(2)), r'a score for each of its 1 boxes, or None\. Got array\(\[1'),
        (Found([[0, 0, 20, 20]], ['high']), r'planted must return a score for each .* Got \[\'high\'\]\.$'),
    ],
)
def test_what_a_detector_of_ones_own_must_return(limits, answer, message):
    own = Detector([])
    own.found = answer
    with pytest.raises(ValueError, match=message):
        FaceLandmarker(CornersNetwork(), faces=own, **limits)(IMAGE)
    own.found = Found([[0, 0, 20, 20]], [0.5])
    (face,) = FaceLandmarker(CornersNetwork(), faces=own, **limits)(IMAGE)
    assert (face.box.tolist(), face.score) == ([0, 0, 20, 20], 0.5)
    own.found = Found([])
    assert FaceLandmarker(CornersNetwork(), faces=own, **limits)(IMAGE) == []


@pytest.mark.parametrize('lost', [0, 1])
def test_landmarks_that_are_not_finite_are_refused_in_each_pass(lost):
    class Lost(CornersNetwork):
        def __call__(self, crops, protocols):
            found = super().__call__(crops, protocols)
            found['cofw'][2 + lost :, 3] = np.nan
            return found

    landmarker = FaceLandmarker(Lost(calibration=Calibration(0.1, 1.0, 0.05)), confidence=2)
    with pytest.raises(ValueError, match=r'^The network predicts non-finite landmarks in image 1\.$'):
        landmarker([IMAGE, IMAGE], boxes=[BOXES[:1], BOXES[:1]])
    assert len(landmarker(IMAGE, boxes=BOXES[:1])) == 1


def test_a_device_of_torch_is_what_its_name_is(tiny, photos):
    for network in (tiny, ()):
        by_name, by_torch = (
            FaceLandmarker(*network, faces='whole', device=device)(photos[0]) for device in ('cpu', torch.device('cpu'))
        )
        np.testing.assert_array_equal(by_torch[0].landmarks['cofw'], by_name[0].landmarks['cofw'])
    with pytest.raises(ValueError, match=r"FaceLandmarker\(device=\) must be among .* Got 'None'\.$"):
        FaceLandmarker(device=None)


def test_boxes_of_a_detector_are_mapped_and_those_that_are_given_are_not():
    """The map of the planted detector moves a box by half its side and doubles it."""
    network = CornersNetwork(box_maps={'planted': BoxMap(0.5, 0, 2)})
    landmarker = FaceLandmarker(network, faces=Detector([[30, 30, 40, 40]], np.array([0.75])), protocol='wider_face')
    (found,) = landmarker(IMAGE)
    np.testing.assert_allclose(found.landmarks['wider_face'][:2], [(30, 25), (35, 30)])
    assert found.box.tolist() == [30, 30, 40, 40]
    assert found.score == 0.75
    (given,) = landmarker(IMAGE, boxes=[[30, 30, 40, 40]])
    np.testing.assert_allclose(given.landmarks['wider_face'][:2], [(30, 30), (32.5, 32.5)])
    first, second = landmarker([IMAGE, IMAGE], boxes=[None, [[30, 30, 40, 40]]])
    np.testing.assert_array_equal(first[0].landmarks['wider_face'], found.landmarks['wider_face'])
    np.testing.assert_array_equal(second[0].landmarks['wider_face'], given.landmarks['wider_face'])


@pytest.mark.parametrize(
    ('maps', 'installed', 'faces', 'expected', 'said'),
    [
        ((), True, 'auto', 'mtcnn', 'The network has no box map for mtcnn: its boxes are used as they are'),
        ((), True, 'whole', 'whole', None),
        ((), True, ('mtcnn',), 'mtcnn', 'The network has no box map for mtcnn: its boxes are used as they are'),
        (('mtcnn',), True, ('mtcnn',), 'mtcnn', None),
        (('haar',), True, ('mtcnn',), 'mtcnn', 'fitted to those of haar, not of mtcnn: landmarks are worse'),
        (('haar',), True, ('',), 'boxes', 'The network has no box map for boxes of a file: they are used as they are'),
        (('boxes/cofw', 'boxes'), True, ('',), 'boxes', None),
        ((), True, ('whole',), 'whole', None),
        (('mtcnn', 'haar'), True, 'auto', 'mtcnn', None),
        (('haar/cofw',), True, 'auto', 'haar', None),
        (('mtcnn', 'haar'), False, 'auto', 'haar', "OpenCV's Haar cascade, which misses turned ones"),
        (('mtcnn', 'mtcnn/cofw'), False, 'auto', 'haar', 'fitted to those of mtcnn, not of haar: landmarks are worse'),
        (('mtcnn',), True, 'haar', 'haar', 'fitted to those of mtcnn, not of haar: landmarks are worse'),
        (('mtcnn',), True, 'whole', 'whole', None),
    ],
)
def test_faces_are_found_by_the_detector_that_boxes_were_fitted_to(
    monkeypatch, tmp_path, maps, installed, faces, expected, said
):
    """A tuple stands for a file of boxes of that detector."""
    if isinstance(faces, tuple):
        (tmp_path / 'boxes.csv').write_text(f'image,x1,y1,x2,y2,detector\na.jpg,1,2,3,4,{faces[0]}\n')
        faces = tmp_path / 'boxes.csv'
    monkeypatch.setattr(make, 'has_mtcnn', lambda: installed)
    monkeypatch.setattr(make, 'mtcnn_search', lambda: None)
    landmarker = FaceLandmarker(CornersNetwork(box_maps={name: BoxMap() for name in maps}), faces=faces)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        assert landmarker.detector.name == expected
    assert (said is None) == (caught == [])
    assert said is None or any(said in str(warning.message) for warning in caught)


def test_a_missing_box_map_is_said_once_with_the_name_of_the_checkpoint_and_not_of_given_arrays(tiny):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        landmarker = FaceLandmarker(*tiny, faces='haar')
        landmarker(IMAGE, boxes=[[30, 30, 40, 40]])
        assert caught == []
        landmarker([IMAGE, IMAGE])
        landmarker(IMAGE)
    assert [str(warning.message).partition(':')[0] for warning in caught] == ['tiny.pth has no box map for haar']


def test_confidence_is_what_the_calibration_makes_of_the_passes(photos, tiny):
    """And landmarks are those of the plain pass."""
    network = FaceLandmarker(*tiny).network
    with pytest.raises(ValueError, match=r'confidence=.* needs a network whose confidence was calibrated'):
        FaceLandmarker(network, confidence=3)
    plain = FaceLandmarker(network)(photos[0], boxes=BOXES)
    sure = Calibration(half=0.1, slope=1.0, tolerance=0.05)
    network.info = NetworkInfo(network.info.protocols, network.info.input_size, calibration=sure)
    faces = FaceLandmarker(network, confidence=3, batch_size=2)(photos[0], boxes=BOXES)
    for face, same in zip(faces, plain, strict=True):
        assert 0 < face.confidence < 1
        np.testing.assert_allclose(face.landmarks['wflw'], same.landmarks['wflw'], atol=2e-3)
    assert len({face.confidence for face in faces}) == 3
    # Two passes, plain and mirrored, by hand: 5 landmarks at crop x = 2 i are seen at 7 - 2 i of the mirrored crop.
    corners = CornersNetwork((WIDER_FACE,), calibration=sure)
    (face,) = FaceLandmarker(corners, confidence=2)(IMAGE, boxes=[[30, 40, 50, 60]])
    x = np.array([0, 2, 4, 6, 8]) * 2.5
    mirrored = (7 - np.array([2, 0, 4, 8, 6])) * 2.5
    y, swapped = np.arange(5) * 5.0, np.array([1, 0, 2, 4, 3]) * 5.0
    variance = ((x - mirrored) ** 2 + (y - swapped) ** 2) / 2
    disagreement = np.sqrt(variance.mean()) / 20
    assert face.confidence == pytest.approx(1 / (1 + disagreement / 0.1))


def test_confidence_of_several_protocols_is_the_mean_of_theirs():
    corners = CornersNetwork((WFLW, WIDER_FACE), calibration=Calibration(half=0.1, slope=2.0, tolerance=0.05))
    landmarker = FaceLandmarker(corners, confidence=3)
    both, *each = (
        landmarker(IMAGE, boxes=[[30, 40, 50, 60]], protocol=name)[0].confidence
        for name in ('all', 'wflw', 'wider_face')
    )
    assert each[0] != pytest.approx(each[1])
    assert both == pytest.approx(sum(each) / 2)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(images='nowhere.jpg'), r'nowhere\.jpg'),
        (dict(images=''), r"^The path of an image must not be empty\. Got ''\.$"),
        (
            dict(images='https://x.org/a.jpg'),
            r'must be a file; addresses are not fetched\. Got https://x\.org/a\.jpg\.$',
        ),
        (dict(images=Path('https://x.org/a.jpg')), r'addresses are not fetched\. Got https:/x\.org/a\.jpg\.$'),
        (dict(images=IMAGE[..., 0]), r'images=\) must be .* uint8 of shape \(60, 80\)'),
        (dict(images=IMAGE / 255), r'images=\) must be .* float64 of shape'),
        (dict(images=IMAGE[:0]), r'images=\) must be .* shape \(0, 80, 3\)'),
        (dict(images=[IMAGE, None]), r'images=\) must be paths or arrays .* Got None as image 1\.$'),
        (dict(images=[IMAGE, PILImage.fromarray(IMAGE)]), r'must be paths or arrays .* Got Image as image 1\.$'),
        (dict(images=[torch.from_numpy(IMAGE)]), r'must be paths or arrays .* Got Tensor as image 0\.$'),
        (dict(images=[['photo.jpg']]), r'must be paths or arrays .* Got list as image 0\.$'),
        (dict(images=[b'content']), r'must be paths or arrays .* Got bytes as image 0\.$'),
        (dict(images=PILImage.fromarray(IMAGE)), r'must be a path, an array .* Got Image\.$'),
        (dict(images=torch.from_numpy(IMAGE)), r'must be a path, an array .* Got Tensor\.$'),
        (dict(images=b'content'), r'must be a path, an array .* Got bytes\.$'),
        (dict(images=BytesIO(b'content')), r'must be a path, an array .* Got BytesIO\.$'),
        (dict(protocol=3), r'protocol=\) must be a name, several, or all\. Got 3\.$'),
        (dict(boxes=[[1, 2, 3]]), r'boxes=\) of image 0 must be \(N, 4\)'),
        (dict(boxes=[1, 2, 30, 40]), r'boxes=\) of image 0 must be \(N, 4\)'),
        (dict(boxes='face'), r'boxes=\) of image 0 must be \(N, 4\)'),
        (dict(boxes=[[30, 2, 3, 40]]), r'The box \[30.*\] of image 0 must have an area'),
        (dict(boxes=[[1, 2, np.nan, 40]]), 'of image 0 must be finite'),
        (dict(boxes=[[100, 2, 120, 40]]), 'of image 0 lies outside the image of 80 x 60 pixels'),
        (dict(protocol='wflw'), r"protocol=\) must be 'all' or some of .*'wider_face', 'cofw'.* Got \['wflw'\]"),
        (dict(protocol=[]), 'protocol=.* Got none'),
        (dict(images=[IMAGE, IMAGE], boxes=[BOXES]), r'boxes=\) must have boxes of each of the 2 images\. Got 1'),
    ],
)
def test_a_call_that_cannot_be_met_says_what_is_wrong(change, message):
    landmarker = FaceLandmarker(CornersNetwork(), faces='whole')
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        landmarker(**(dict(images=IMAGE) | change))


def test_an_image_of_pil_is_turned_as_the_docs_say():
    """predict.md: from RGB to BGR, by a view with negative strides."""
    landmarker = FaceLandmarker(protocol='wider_face')
    face = np.full((60, 60, 3), (200, 100, 0), np.uint8)  # BGR
    face[20:40, 20:40] = (30, 0, 160)
    opened = PILImage.fromarray(np.ascontiguousarray(face[..., ::-1])).convert('RGBA')
    (own,), (turned,) = landmarker([face, np.asarray(opened.convert('RGB'))[..., ::-1]], [[[5, 5, 55, 55]]] * 2)
    assert np.array_equal(turned.landmarks['wider_face'], own.landmarks['wider_face'])


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('nowhere.py',), r'checkpoint=.* must be a checkpoint of the config nowhere\.py\. Got none'),
        (('epoch_2.pth',), r'config=\) must be a config .* Got epoch_2\.pth: give it as checkpoint='),
        ((None, 'cnt.ONNX'), r'checkpoint=\) must be a checkpoint\. Got cnt\.ONNX: .* --model'),
        (('TINY', 'cnt.onnx'), r'checkpoint=\) must be a checkpoint\. Got cnt\.onnx'),
        (('nowhere.py', 'nowhere.pth'), 'There is no config file nowhere.py'),
        (('nowhere.onnx', 'a.pth'), 'checkpoint=.* must be left out for an .onnx file. Got a.pth'),
        (('TINY', 'nowhere.pth'), 'There is no checkpoint nowhere.pth'),
        (('TINY', 'TINY'), 'is not a checkpoint'),
    ],
)
def test_a_network_that_cannot_be_loaded_says_why(tiny, arguments, message):
    arguments = [str(tiny[0]) if name == 'TINY' else name for name in arguments]
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        FaceLandmarker(*arguments)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(batch_size=0), 'batch_size=.* must be at least 1. Got 0'),
        (dict(batch_size=2.5), r'batch_size=\) must be an integer\. Got 2\.5\.$'),
        (dict(batch_size='3'), r"batch_size=\) must be an integer\. Got '3'\.$"),
        (dict(confidence=2.5), r'confidence=\) must be an integer\. Got 2\.5\.$'),
        (dict(max_faces=1.0), r'max_faces must be at least 1, an integer, or None for all\. Got 1\.0\.$'),
        (dict(protocol=None), r'protocol=\) must be a name, several, or all\. Got None\.$'),
        (dict(faces=None), r'faces=\) must be a detector, or one of auto, .* Got None\.$'),
        (dict(faces=7), r'faces=\) must be a detector, or one of auto, .* Got 7\.$'),
        (dict(faces=len), r'faces=\) must be a detector, .* A detector has a name, .* Got <built-in function len>'),
        (dict(min_size='20'), r"min_size must be pixels from 0 on\. Got '20'\.$"),
        (dict(min_score=None), r'min_score must be from 0 to 1\. Got None\.$'),
        (dict(device=0), r"device=\) must be a device of this machine\. Got '0'"),
        (dict(device='abacus'), "device=.* must be a device of this machine. Got 'abacus'"),
        (dict(protocol='wider_face'), r"protocol=.* must be .*Got \['wider_face'\]\.$"),
        (dict(protocol='300W'), r"Got \['300W'\]\. Did you mean '300w'\?"),
        (dict(protocol=['cofw', 'WFLW']), r"Got \['WFLW'\]\. Did you mean 'wflw'\?"),
        (dict(protocol=[68]), r'Got \[68\]\.$'),
        (dict(confidence=4), r'calibrated\. tiny\.pth was not: leave out --confidence'),
    ],
)
def test_options_that_cannot_be_met_are_named(tiny, options, message):
    with pytest.raises(ValueError, match=message):
        FaceLandmarker(*tiny, **options)


def test_what_was_fitted_for_a_checkpoint_is_read_from_beside_it_and_from_inside(tmp_path):
    config, checkpoint = write_network(tmp_path)
    content = torch.load(checkpoint)
    inside = dict(box_maps={'haar': dict(scale=0.5), 'mtcnn': dict(scale=3.0)})
    torch.save(content | dict(meta=dict(prediction=inside)), checkpoint)
    store(checkpoint, {'haar': BoxMap(shift_x=0.25)}, Calibration(0.1, 2.0, 0.08))
    info = FaceLandmarker(config, checkpoint).network.info
    assert info.box_maps == {'haar': BoxMap(shift_x=0.25), 'mtcnn': BoxMap(scale=3.0)}
    assert info.calibration == Calibration(0.1, 2.0, 0.08)


def test_an_oracle_is_no_landmarker(tmp_path):
    routed = "model.update(type='mmsepbn.DomainRoutedEstimator')"
    with pytest.raises(ValueError, match=r'needs no ground truth\. Got a DomainRoutedEstimator'):
        FaceLandmarker(*write_network(tmp_path, routed))


def test_it_needs_no_framework():
    code = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('torch', 'mmengine', 'mmcv', 'mmpose', 'mmdet', 'h5py', 'PIL', 'scipy'):
            raise ImportError(f'{name} is not to be imported')
sys.meta_path.insert(0, Block())
import numpy as np
from mmsepbn.apis import FaceLandmarker, NetworkInfo
from mmsepbn.protocols import WIDER_FACE
network = lambda crops, protocols: {'wider_face': np.zeros((len(crops), 5, 2), np.float32)}
network.info = NetworkInfo((WIDER_FACE,), (8, 8))
(face,) = FaceLandmarker(network, faces='whole')(np.zeros((8, 8, 3), np.uint8))
print(face.landmarks['wider_face'].tolist())
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str([[0.0, 0.0]] * 5), done.stderr


@pytest.mark.parametrize('image', [None, 3])
def test_what_is_no_image_is_refused(image):
    with pytest.raises(ValueError, match=r'FaceLandmarker\(images=\) must be a path.*Got (NoneType|int)'):
        FaceLandmarker(CornersNetwork())(image)


def test_the_home_may_be_written_as_a_tilde(monkeypatch):
    monkeypatch.setenv('HOME', '/home/me')
    for names in (('~/nowhere.onnx',), ('~/nowhere.py', '~/nowhere.pth')):
        with pytest.raises((FileNotFoundError, ValueError), match='/home/me/nowhere'):
            FaceLandmarker(*names)
