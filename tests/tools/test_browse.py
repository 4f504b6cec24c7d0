"""MMPose's tool that shows data sets, on those of ours that it was not made for."""

import runpy
import sys
from pathlib import Path

import cv2
import mmpose
import numpy as np
import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import DATASETS

from mmsepbn.datasets.formats.image_file import read_image

BROWSE = Path(mmpose.__file__).parent / '.mim' / 'tools' / 'misc' / 'browse_dataset.py'

pytestmark = pytest.mark.slow


@pytest.fixture
def browse(synthetic_faces, tmp_path, monkeypatch):
    """Run the tool on training faces; images by name, and the data set."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.chdir(tmp_path)

    def run(config, mode, settings):
        cfg = Config.fromfile(ROOT / 'configs' / config)
        cfg.merge_from_dict(settings)
        cfg.dump('config.py')
        options = ('--output-dir', mode, '--not-show', '--mode', mode)
        monkeypatch.setattr(sys, 'argv', ['browse', 'config.py', *options])
        runpy.run_path(str(BROWSE), run_name='__main__')
        files = sorted(path for path in (tmp_path / mode).rglob('*') if path.is_file())
        return {str(path.relative_to(tmp_path / mode)): cv2.imread(str(path)) for path in files}, cfg

    return run


def test_it_shows_the_images_inside_of_cofws_file(browse):
    shown, cfg = browse('demo/sepbn_vanilla_cofw.py', 'original', {})
    assert list(shown) == [f'COFW_train_color.mat#{place}.png' for place in range(8)]
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    for place, drawn in enumerate(shown.values()):
        assert_drawn(drawn, dataset.get_data_info(place))
    transformed, _ = browse('demo/sepbn_vanilla_cofw.py', 'transformed', {})
    assert list(transformed) == list(shown)


def test_it_shows_the_several_sets_of_stage_1(browse):
    few = {f'{loader}_dataloader.dataset.datasets.aflw.num_train': 8 for loader in ('train', 'val')}
    few['train_dataloader.dataset.datasets.wider_face.min_size'] = 10
    shown, cfg = browse('demo/cnt_sepbn_vanilla.py', 'original', few)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert len(shown) == len(dataset) == 40
    for place in range(8):  # COFW, the first
        assert_drawn(shown[f'COFW_train_color.mat#{place}.png'], dataset.get_data_info(place))
    shown, _ = browse('demo/cnt_sepbn_vanilla.py', 'transformed', few)
    assert len(shown) == 40
    for image in shown.values():  # landmarks lie in the crop, and are red in sets without a common mark-up
        assert image.shape == (128, 128, 3)
        assert (np.abs(image.astype(int) - (0, 0, 255)).max(axis=2) < 60).sum() > 20


def assert_drawn(drawn, face):
    """The face's image, but for dots at its landmarks and lines, which are few."""
    image = read_image(face['img_path'])
    assert drawn.shape == image.shape
    changed = np.abs(drawn.astype(int) - image).max(axis=2) > 40
    assert changed.mean() < 0.5
    points = face['keypoints'][0].astype(int)
    inside = points[((points > 3) & (points < np.array(image.shape[1::-1]) - 3)).all(axis=1)]
    assert np.mean([changed[y - 2 : y + 3, x - 2 : x + 3].any() for x, y in inside]) > 0.9
