"""What docs/datasets.md says of a set of your own: its module and its config, as they stand there."""

import json
import re

import pytest
from helpers import ROOT

from mmsepbn.datasets import WFLWDataset

_SIX_OF_WFLW = [60, 64, 68, 72, 76, 82]

pytestmark = pytest.mark.slow


@pytest.fixture
def own_set(synthetic_wflw, tmp_path):
    """The six landmarks of synthetic WFLW in MMPose's JSON."""
    root = tmp_path / 'data' / 'six'
    root.mkdir(parents=True)
    (root / 'images').symlink_to(synthetic_wflw / 'WFLW_images')
    lists = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_'
    for part in ('train', 'test'):
        faces = WFLWDataset(
            data_root=str(synthetic_wflw), ann_file=f'{lists}{part}.txt', data_prefix=dict(img='WFLW_images')
        )
        images, annotations = [], []
        for index in range(len(faces)):
            face = faces.get_data_info(index)
            x1, y1, x2, y2 = map(float, face['bbox'][0])
            points = [number for x, y in face['keypoints'][0][_SIX_OF_WFLW] for number in (float(x), float(y), 2)]
            name = face['img_path'].split('WFLW_images/')[1]
            images.append(dict(id=index, file_name=name))
            annotations.append(dict(id=index, image_id=index, keypoints=points, bbox=[x1, y1, x2 - x1, y2 - y1]))
        (root / f'{part}.json').write_text(json.dumps(dict(images=images, annotations=annotations)))
    return root


@pytest.fixture
def documented(own_set, tmp_path):
    """The module and the configs of the page, based on the demo's: their files."""
    section = (ROOT / 'docs' / 'datasets.md').read_text().split('## A set of your own')[1].split('\n## ')[0]
    module, *configs = re.findall(r'```python\n(.*?)```', section, re.DOTALL)
    (tmp_path / 'my_faces.py').write_text(module)
    for name, config in zip(('cnt_six.py', 'alone.py'), configs, strict=True):
        (tmp_path / name).write_text(config.replace("_base_ = '", f"_base_ = '{ROOT}/configs/demo/"))
    return tmp_path


@pytest.mark.parametrize('config', ['cnt_six.py', 'alone.py'])
def test_the_documented_set_trains_alone_and_with_others(documented, run_tool, config):
    environment = dict(CNT_SETS='cofw,wflw', PYTHONPATH=str(documented))
    briefly = ('--cfg-options', 'train_cfg.max_epochs=1', 'train_cfg.val_interval=1', 'param_scheduler=None')
    output = run_tool('tools/train.py', config, '--work-dir', 'run', *briefly, **environment)
    assert re.search(r'loss_kpt/six: \d', output)
    test = ('--work-dir', 'test', '--per-face', 'faces.csv')
    output = run_tool('tools/test.py', config, 'run/epoch_1.pth', *test, **environment)
    assert re.search(r'six/NME: \d', output)
    assert (documented / 'faces.csv').read_text().count('six,six,') == 4
