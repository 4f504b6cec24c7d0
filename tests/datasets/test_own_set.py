"""What docs/datasets.md and docs/training.md say of your own data set: its module and its configs, as they stand."""

import json
import re

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope

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
    """The module and the configs of the pages, those of the first based on the demo's: their files."""
    section = (ROOT / 'docs' / 'datasets.md').read_text().split('## Your own data set')[1].split('\n## ')[0]
    module, *configs = re.findall(r'```python\n(.*?)```', section, re.DOTALL)
    (tmp_path / 'my_faces.py').write_text(module)
    for name, config in zip(('cnt_six.py', 'alone.py'), configs, strict=True):
        (tmp_path / name).write_text(config.replace("_base_ = '", f"_base_ = '{ROOT}/configs/demo/"))
    section = (ROOT / 'docs' / 'training.md').read_text().split('## From the bundled network')[1].split('\n## ')[0]
    (config,) = re.findall(r'```python\n(.*?)```', section, re.DOTALL)
    (tmp_path / 'fine_tuned.py').write_text(config)
    return tmp_path


BRIEFLY = ('--cfg-options', 'train_cfg.max_epochs=1', 'param_scheduler=None')


@pytest.mark.parametrize('config', ['cnt_six.py', 'alone.py', 'fine_tuned.py'])
def test_the_documented_set_trains_alone_and_with_others(documented, run_tool, config):
    environment = dict(CNT_SETS='cofw,wflw', PYTHONPATH=str(documented))
    output = run_tool('tools/train.py', config, '--work-dir', 'run', *BRIEFLY, **environment)
    assert re.search(r'loss_kpt/six: \d', output)
    test = ('--work-dir', 'test', '--per-face', 'faces.csv')
    output = run_tool('tools/test.py', config, 'run/epoch_1.pth', *test, **environment)
    assert re.search(r'six/NME: \d', output)
    assert (documented / 'faces.csv').read_text().count('six,six,') == 4


def test_a_new_branch_starts_on_the_backbone_of_the_other_sets(documented, run_tool):
    stage_1 = ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py'
    run_tool('tools/train.py', stage_1, '--work-dir', 'first', '--no-validate', *BRIEFLY, CNT_SETS='cofw,wflw')
    start = ('load_from=first/epoch_1.pth', 'optim_wrapper.optimizer.lr=0')
    second = ('alone.py', '--work-dir', 'second', '--no-validate', *BRIEFLY, *start)
    environment = dict(PYTHONPATH=str(documented))
    output = run_tool('tools/train.py', *second, expect=1, **environment)
    assert "['six'] would stay untrained. Set default_hooks.keep_branch.new_branches=True" in output
    run_tool('tools/train.py', *second, 'default_hooks.keep_branch.new_branches=True', **environment)
    before, after = (
        torch.load(documented / run / 'epoch_1.pth', weights_only=False)['state_dict'] for run in ('first', 'second')
    )
    learned = [name for name in after if name.startswith('backbone.') and name.endswith(('weight', 'bias'))]
    assert len(learned) > 50
    for name in learned:
        torch.testing.assert_close(after[name], before[name], rtol=0, atol=0)
    assert {name.split('.')[2] for name in after if name.startswith('head.')} == {'six'}


def test_the_documented_folds_have_every_face_once(synthetic_faces, tmp_path, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    section = (ROOT / 'docs' / 'training.md').read_text().split('## The best checkpoint')[1].split('\n## ')[0]
    (text,) = re.findall(r'```python\n(.*?)```', section, re.DOTALL)
    (tmp_path / 'folds.py').write_text(text.replace('range(7500)', 'range(8)'))
    config = Config.fromfile(tmp_path / 'folds.py')
    init_default_scope(config.default_scope)
    trained, validated = (DATASETS.build(config[f'{part}_dataloader'].dataset) for part in ('train', 'val'))
    assert (len(trained), len(validated)) == (6, 2)
    sources = {
        dataset.get_data_info(index)['source'] for dataset in (trained, validated) for index in range(len(dataset))
    }
    assert len(sources) == 8
    assert validated.test_mode
