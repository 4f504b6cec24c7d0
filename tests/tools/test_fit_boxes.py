"""Boxes that a detector would have found, made from those of the sets by maps that are known."""

import csv
from dataclasses import astuple, replace

import cv2
import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope
from PIL import Image
from tiny_landmarker import SETS, write_network

from mmsepbn.apis import FaceLandmarker
from mmsepbn.apis.prediction_settings import prediction_settings, store
from mmsepbn.apis.torch_network import TorchNetwork
from mmsepbn.boxes import square_box
from mmsepbn.cli import box_fitting
from mmsepbn.cli.box_fitting import (
    find_test_faces,
    fitted_confidence,
    fitted_maps,
    report_confidence,
    report_landmarks,
    samples_of,
)
from mmsepbn.detectors.detector import Found, SearchingDetector
from mmsepbn.detectors.make import make_detector
from mmsepbn.evaluation.detected_faces import drawn_samples, find_faces, predict_faces
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.fitted.box_map import BoxMap, box_map_for
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.fitted.fit_box_map import NotFoundError
from mmsepbn.option_error import OptionError
from mmsepbn.protocols import get_protocol

WFLW = ROOT / 'configs' / 'demo' / 'sepbn_vanilla_wflw.py'
PLANTED = {'300w': BoxMap(0.1, 0.05, 0.8), 'wflw': BoxMap(0.0, -0.2, 1.25), 'cofw': BoxMap(0.0, 0.0, 1.0)}


@pytest.fixture
def network(tmp_path, synthetic_faces, monkeypatch):
    """A config of three sets and the checkpoint of a network with random weights."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.setenv('CNT_SETS', SETS)
    init_default_scope('mmpose')
    return write_network(tmp_path)


def undone(box_map, box):
    """The square box that ``box_map`` maps to the square of ``box``."""
    x1, y1, x2, y2 = square_box(box)
    side = (x2 - x1) / box_map.scale
    x, y = (x1 + x2) / 2 - side * box_map.shift_x, (y1 + y2) / 2 - side * box_map.shift_y
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


def box_of(sample):
    return np.asarray(sample['bbox'][0], np.float64)


def planted_boxes(cfg, path, missing=()):
    """A file of boxes for all faces of a config but those at some places."""
    with path.open('w') as file:
        table = csv.writer(file)
        table.writerow(['image', 'x1', 'y1', 'x2', 'y2'])
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            for place, sample in enumerate(drawn_samples(DATASETS.build(loader.dataset))):
                if place not in missing:
                    table.writerow([sample['img_path'], *undone(PLANTED[sample['protocol']], box_of(sample))])
    return make_detector(str(path))


@pytest.mark.slow
def test_the_map_of_each_set_is_found_and_landmarks_with_it_are_those_of_annotated_boxes(network, tmp_path, capsys):
    cfg = Config.fromfile(network[0])
    detector = planted_boxes(cfg, tmp_path / 'boxes.csv', missing=(1,))
    maps = fitted_maps(samples_of(cfg, 'train_dataloader', 1000), detector)
    assert set(maps) == {'boxes', *(f'boxes/{name}' for name in PLANTED)}
    for name, planted in PLANTED.items():
        assert astuple(maps[f'boxes/{name}']) == pytest.approx(astuple(planted), abs=1e-5)
    said = capsys.readouterr().out
    assert 'training faces: 24, not found 1\n' in said
    assert said.count('fitted    centre off by  0.0 %') == 3

    store(network[1], maps)
    assert prediction_settings(network[1], {})['box_maps'] == maps
    landmarker = TorchNetwork(cfg, network[1])
    assert landmarker.info.box_maps == maps
    faces = samples_of(cfg, 'test_dataloader', 1000)
    report_landmarks(landmarker, find_test_faces(faces, landmarker, detector))
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if 'faces found;' in line]
    rows = {line[3].rstrip(':'): line for line in lines}
    assert set(rows) == set(PLANTED)
    for name, row in rows.items():
        annotated, detected, fitted = map(float, row[:3])
        assert fitted == annotated
        assert (detected == annotated) == (name == 'cofw')
        assert row[-1] == f'{100 * mean_error(network, cfg, name):.2f}'


def maps_of(monkeypatch, protocols, missing=()):
    """What is fitted to a face of each of the protocols, of which a detector named ``boxes`` misses some."""
    samples = [dict(protocol=name, bbox=[[step, 0, step + 100, 100]]) for step, name in enumerate(protocols)]
    boxes = [[] if s['protocol'] in missing else [undone(PLANTED[s['protocol']], box_of(s))] for s in samples]
    monkeypatch.setattr(box_fitting, 'find_faces', lambda *_: [np.array(own).reshape(-1, 4) for own in boxes])
    return fitted_maps(samples, SearchingDetector('boxes', None))


def test_the_map_of_a_single_set_replaces_an_older_one_of_its_protocol(monkeypatch):
    maps = maps_of(monkeypatch, ['wflw', 'wflw'])
    older = {'boxes/wflw': BoxMap(), 'boxes/300w': BoxMap()}
    for protocols in (['wflw'], ['wflw', '300w']):
        used = box_map_for(older | maps, 'boxes', protocols)
        assert astuple(used) == pytest.approx(astuple(PLANTED['wflw']), abs=1e-9)


def test_a_set_of_which_no_face_is_found_has_the_map_of_all(monkeypatch, capsys):
    sets = ['300w'] * 3 + ['wflw'] * 2 + ['cofw']
    maps = maps_of(monkeypatch, sets, missing=('wflw',))
    assert astuple(maps['boxes/300w']) == pytest.approx(astuple(PLANTED['300w']), abs=1e-9)
    assert astuple(maps['boxes/cofw']) == pytest.approx(astuple(PLANTED['cofw']), abs=1e-9)
    assert maps['boxes/wflw'] == maps['boxes']
    assert 'wflw: none of its 2 faces was found; the map of all sets is used\n' in capsys.readouterr().out
    with pytest.raises(NotFoundError, match='overlaps any of the 6 faces'):
        maps_of(monkeypatch, sets, missing=PLANTED)


def mean_error(network, cfg, name):
    """The NME of a test set, by way of FaceLandmarker."""
    landmarker, errors = FaceLandmarker(*network, protocol=name), []
    for sample in drawn_samples(DATASETS.build(cfg.test_dataloader.dataset)):
        if sample['dataset_name'] == name:
            (face,) = landmarker(sample['img_path'], boxes=sample['bbox'])
            normalizer = get_protocol(name).normalizers(sample['keypoints'], sample['bbox'])
            errors += normalized_mean_error(face.landmarks[name][None], sample['keypoints'], normalizer).tolist()
    return np.mean(errors)


class UnsureNetwork:
    """Landmarks at random, for dark faces far from the middle of the crop, for bright ones near it."""

    def __init__(self, info):
        self.info = info

    def __call__(self, crops, protocols):
        found = {}
        for name in protocols:
            count = get_protocol(name).num_landmarks
            draws = [np.random.default_rng(crop.sum()).normal(size=(count, 2)) for crop in crops]
            far = [2 + max(0, 150 - crop.mean()) for crop in crops]
            found[name] = np.array([64 + step * draw for step, draw in zip(far, draws, strict=True)], np.float32)
        return found


@pytest.mark.slow
def test_confidence_is_calibrated_and_plotted(network, tmp_path, capsys):
    cfg = Config.fromfile(network[0])
    maps = {f'boxes/{name}': planted for name, planted in PLANTED.items()}
    unsure = UnsureNetwork(replace(TorchNetwork(cfg, network[1]).info, box_maps=maps))
    calibration = fitted_confidence(
        samples_of(cfg, 'val_dataloader', 1000), unsure, 1.2, tmp_path / 'new' / 'curve.png'
    )
    assert calibration.tolerance == 1.2
    assert min(cv2.imread(str(tmp_path / 'new' / 'curve.png')).shape[:2]) > 300
    assert f'{100 * calibration.half:.2f} % of the side' in capsys.readouterr().out
    certain = Calibration(half=1e9, slope=5.0, tolerance=1.2)
    detector = planted_boxes(cfg, tmp_path / 'boxes.csv', missing=(1,))
    sets = find_test_faces(samples_of(cfg, 'test_dataloader', 1000), unsure, detector)
    report_confidence(unsure, certain, sets)
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()[1:]]
    faces = drawn_samples(DATASETS.build(cfg.test_dataloader.dataset))
    boxes = np.array([square_box(box_of(face)) for face in faces])
    errors = predict_faces(unsure, faces, boxes[:, None]).errors[:, 0]
    for name in PLANTED:
        own = np.array([face['dataset_name'] == name for face in faces])
        right = (errors[own] <= 1.2).mean()
        assert ['1.00', f'{right:.2f}', f'{name}: {own.sum()} faces, annotated boxes'] in lines
        (seen,) = (each for each in sets if each.name == name)
        own[1] = False
        np.testing.assert_allclose(seen.fitted, boxes[own], atol=1e-9)
        right = (predict_faces(unsure, seen.found, seen.fitted[:, None]).errors <= 1.2).mean()
        assert ['1.00', f'{right:.2f}', f'{name}: {own.sum()} faces, fitted boxes'] in lines
    assert len(lines) == 2 * len(PLANTED)
    assert 0 < (errors <= 1.2).mean() < 1


@pytest.mark.slow
def test_a_face_without_a_normalizer_is_named_as_in_a_test(network):
    cfg = Config.fromfile(network[0])
    faces = drawn_samples(DATASETS.build(cfg.test_dataloader.dataset))
    face = next(face for face in faces if face['dataset_name'] == 'wflw')
    face['keypoints_visible'][0, 72] = 0
    with pytest.raises(ValueError, match=rf'^wflw, face {face["id"]}, .*: the eye corners .* must be annotated'):
        predict_faces(TorchNetwork(cfg, network[1]), [face], box_of(face)[None, None])


@pytest.mark.parametrize(('tolerance', 'faces'), [(1e-6, 'none'), (1e6, 'each')])
def test_a_confidence_that_cannot_be_calibrated_is_said_with_what_to_do(network, tmp_path, tolerance, faces):
    cfg = Config.fromfile(network[0])
    unsure = UnsureNetwork(TorchNetwork(cfg, network[1]).info)
    said = rf'^--confidence: .* {faces} of the 6 validation faces.*change --tolerance\. The box map is kept\.$'
    with pytest.raises(OptionError, match=said):
        fitted_confidence(samples_of(cfg, 'val_dataloader', 6), unsure, tolerance, tmp_path / 'curve.png')
    assert not (tmp_path / 'curve.png').exists()


def test_detectors_see_training_images_as_viewers_do_and_boxes_are_those_of_stored_pixels(tmp_path):
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[5:16, 20:31] = 255
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(stored).save(tmp_path / 'a.png', exif=exif)

    def search(image, smallest):
        assert image.shape == (60, 40, 3)
        rows, columns = np.nonzero(image[..., 0])
        return Found(np.array([[columns.min(), rows.min(), columns.max(), rows.max()]], float))

    (boxes,) = find_faces([dict(img_path=str(tmp_path / 'a.png'))], SearchingDetector('square', search))
    assert boxes.tolist() == [[20, 5, 30, 15]]


@pytest.mark.slow
def test_mistakes_are_told_before_faces_are_sought(network, run_tool, tmp_path):
    command = ('tools/fit_boxes.py', network[0], '--faces', 'haar', '--checkpoint', network[1])
    command += ('--confidence', tmp_path / 'curve.png', '--cfg-options')
    for option, message in (
        ('test_dataloader=None', 'error: The config must have a test_dataloader. Got None.'),
        ('val_dataloader=None', 'error: The config must have a val_dataloader. Got None.'),
        ('val_dataloader.dataset.datasets.wflw.data_root=nowhere', 'nowhere'),
        ('val_dataloader.dataset.datasets.wflw.pipeline.1.padding=1.5', 'must be the same for all'),
        ('model.type=mmsepbn.DomainRoutedEstimator', 'needs no ground truth'),
    ):
        said = run_tool(*command, option, expect=1)
        assert message in said
        assert 'training faces' not in said
    assert not (tmp_path / 'tiny.prediction.json').exists()


@pytest.mark.slow
def test_the_command_with_a_real_detector(network, run_tool, tmp_path):
    said = run_tool('tools/fit_boxes.py', *network[:1], '--faces', 'haar', '--checkpoint', network[1])
    assert 'training faces: 24' in said
    assert f'stored: {tmp_path / "tiny.prediction.json"}' in said
    stored = prediction_settings(network[1], {})
    assert 'haar/wflw' in stored['box_maps']
    assert stored['calibration'] is None
    content = torch.load(network[1], weights_only=False)
    torch.save({**content, 'trained': 'anew'}, network[1])  # the file next to it is of the checkpoint before
    assert 'stored: ' in run_tool('tools/fit_boxes.py', network[0], '--faces', 'haar', '--checkpoint', network[1])
    before = (tmp_path / 'tiny.prediction.json').read_bytes()
    other = run_tool('tools/fit_boxes.py', WFLW, '--faces', 'haar', '--checkpoint', network[1], expect=1)
    assert 'The checkpoint does not fit the model' in other
    assert (tmp_path / 'tiny.prediction.json').read_bytes() == before
    error = run_tool('tools/fit_boxes.py', network[0], '--faces', 'nothing', expect=1)
    assert 'error: make_detector(spec=) must be auto' in error
    assert 'Traceback' not in error
