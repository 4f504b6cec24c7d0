"""MMPose's own inference on an image, with networks of one set and of Cross-protocol Network Training's stage 1."""

import cv2
import numpy as np
import pytest
from helpers import ROOT
from mmengine.registry import DATASETS

from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.per_face import read_csv
from mmsepbn.protocols import WFLW

STAGE_1 = ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py'
WFLW_CONFIG = ROOT / 'configs' / 'demo' / 'sepbn_vanilla_wflw.py'
TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'

pytestmark = pytest.mark.slow


@pytest.fixture
def checkpoint(run_tool, tmp_path):
    briefly = ('--no-validate', '--cfg-options', 'train_cfg.max_epochs=1', 'param_scheduler=None')
    run_tool('tools/train.py', STAGE_1, '--work-dir', 'run', *briefly, CNT_SETS='cofw,wflw')
    return tmp_path / 'run' / 'epoch_1.pth'


@pytest.fixture
def model(checkpoint, tmp_path, monkeypatch):
    from mmpose.apis import init_model

    monkeypatch.setenv('FACES_ROOT', str(tmp_path / 'nowhere'))
    return init_model(str(WFLW_CONFIG), str(checkpoint), device='cpu')


def test_the_config_of_one_set_predicts_as_it_tests_without_the_data_set(
    run_tool, checkpoint, model, synthetic_wflw, tmp_path
):
    from mmpose.apis import inference_topdown

    run_tool('tools/test.py', WFLW_CONFIG, checkpoint, '--work-dir', 'test', '--per-face', 'faces.csv')
    tested = DATASETS.build(model.cfg.test_dataloader.dataset | dict(data_root=str(synthetic_wflw)))
    results = read_csv(tmp_path / 'faces.csv')
    assert len(results) == len(tested) == 4
    for result in results:
        face = tested.get_data_info(result.face_id)
        (found,) = inference_topdown(model, face['img_path'], bboxes=face['bbox'])
        normalizer = WFLW.normalizers(face['keypoints'], face['bbox'])
        error = normalized_mean_error(found.pred_instances.keypoints, face['keypoints'], normalizer)
        assert error[0] == pytest.approx(result.nme, rel=1e-4)


def test_mmposes_inferencer_predicts_the_same_and_draws(checkpoint, model, synthetic_wflw):
    from mmpose.apis import MMPoseInferencer, inference_topdown

    image = str(next((synthetic_wflw / 'WFLW_images').rglob('*.jpg')))
    height, width = cv2.imread(image).shape[:2]
    whole = np.array([[0, 0, width, height]], np.float32)
    (expected,) = inference_topdown(model, image, bboxes=whole)
    inferencer = MMPoseInferencer(
        str(WFLW_CONFIG), pose2d_weights=str(checkpoint), device='cpu', det_model='whole_image'
    )
    (result,) = inferencer(image, return_vis=True)
    assert np.array_equal(result['predictions'][0][0]['keypoints'], expected.pred_instances.keypoints[0])
    drawn = result['visualization'][0][..., ::-1]
    assert drawn.shape == (height, width, 3)
    assert (drawn != cv2.imread(image)).any()


def test_a_network_trained_on_one_set_predicts_its_landmarks(run_tool, synthetic_wflw, tmp_path, monkeypatch):
    from mmpose.apis import inference_topdown, init_model

    run_tool('tools/train.py', TINY, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=1')
    monkeypatch.setenv('FACES_ROOT', str(synthetic_wflw.parent))
    model = init_model(str(TINY), str(tmp_path / 'run' / 'epoch_1.pth'), device='cpu')
    image = next((synthetic_wflw / 'WFLW_images').rglob('*.jpg'))
    (face,) = inference_topdown(model, str(image), bboxes=np.array([[20, 20, 100, 110]], np.float32))
    assert face.pred_instances.keypoints.shape == (1, 98, 2)
