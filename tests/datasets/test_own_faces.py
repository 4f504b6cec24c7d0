"""What docs/datasets.md says of faces of one's own with landmarks of one of the five: its config, as it stands."""

import json
import re

import numpy as np
import pytest
from helpers import ROOT
from mmengine.registry import DATASETS

from mmsepbn.config_file import read_config
from mmsepbn.outputs.pts import pts_text
from mmsepbn.synthetic import generate_faces
from mmsepbn.write_image import write_image

SECTION = (ROOT / 'docs' / 'datasets.md').read_text().split('## Your own faces')[1].split('\n## ')[0]


@pytest.fixture
def faces():
    return list(generate_faces(4, seed=3, size=96, workers=1))


@pytest.fixture
def own(faces, tmp_path, monkeypatch):
    """The documented config, in a folder with data/mine: images, a COCO JSON as annotation tools write it."""
    (block,) = re.findall(r'```python\n(.*?)```', SECTION, re.DOTALL)
    (tmp_path / 'own.py').write_text(block)
    root = tmp_path / 'data' / 'mine'
    images, annotations = [], []
    for number, face in enumerate(faces, 1):
        write_image(root / 'images' / f'{face.name}.jpg', face.image)
        x1, y1, x2, y2 = face.box
        triples = np.column_stack((face.landmarks['300w'], np.full(68, 2)))
        images.append(dict(id=number, file_name=f'{face.name}.jpg', width=96, height=96))
        annotations.append(
            dict(id=number, image_id=number, category_id=1, iscrowd=0, num_keypoints=68, area=(x2 - x1) * (y2 - y1))
            | dict(bbox=[x1, y1, x2 - x1, y2 - y1], keypoints=triples.ravel().tolist())
        )
    text = json.dumps(dict(images=images, annotations=annotations, categories=[dict(id=1, name='face')]))
    for name in ('train', 'test'):
        (root / f'{name}.json').write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def infos_of(settings):
    dataset = DATASETS.build(settings | dict(pipeline=[]))
    return [dataset.get_data_info(index) for index in range(len(dataset))]


@pytest.mark.parametrize('part', ['train', 'val', 'test'])
def test_68_landmarks_of_a_coco_json_are_read_as_they_are(own, faces, part):
    infos = infos_of(read_config('own.py')[f'{part}_dataloader']['dataset'].to_dict())
    for info, face in zip(infos, faces, strict=True):
        assert info['img_path'].endswith(f'data/mine/images/{face.name}.jpg')
        np.testing.assert_allclose(info['keypoints'][0], face.landmarks['300w'], atol=1e-4)
        np.testing.assert_allclose(info['bbox'][0], face.box, atol=1e-4)


def test_pts_files_in_place_of_the_json(own, faces):
    points = own / 'data' / 'mine' / 'points'
    points.mkdir()
    for face in faces:
        (points / f'{face.name}.pts').write_text(pts_text(face.landmarks['300w']))
    settings = read_config('own.py').train_dataloader.dataset.to_dict() | dict(
        ann_file='points/*.pts', first_pixel=None
    )
    infos = {info['img_path'].rpartition('/')[2]: info for info in infos_of(settings)}
    assert len(infos) == len(faces)
    for face in faces:
        np.testing.assert_allclose(infos[f'{face.name}.jpg']['keypoints'][0], face.landmarks['300w'], atol=1e-3)


@pytest.mark.slow
def test_the_documented_config_trains(own, run_tool):
    brief = ('train_cfg.max_epochs=1', 'param_scheduler=None', 'train_dataloader.batch_size=2')
    output = run_tool('tools/train.py', 'own.py', '--work-dir', 'run', '--cfg-options', *brief)
    assert re.search(r'300w/NME: \d', output)


def test_the_table_names_the_classes_of_the_five_and_their_first_pixels():
    rows = re.findall(r'^\| (\d+), as in [\w ]+ \| `mmsepbn\.(\w+)` \| (\d) \| (\d) \|', SECTION, re.M)
    kinds = {name: DATASETS.get(f'mmsepbn.{name}') for _, name, _, _ in rows}
    assert {kind.PROTOCOL.name for kind in kinds.values()} == {'300w', 'wflw', 'cofw', 'aflw', 'wider_face'}
    for count, name, landmarks, boxes in rows:
        assert int(count) == kinds[name].PROTOCOL.num_landmarks
        assert (int(landmarks), int(boxes)) == kinds[name](lazy_init=True).first_pixels()
