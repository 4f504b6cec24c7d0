"""MMPose's own inference on a picture, with a network that Cross-protocol Network Training left behind."""

import cv2
import numpy as np
import pytest
from helpers import ROOT

from mmsepbn.datasets import WFLWDataset
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.per_face import read_csv
from mmsepbn.protocols import WFLW

STAGE_1 = ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py'
CONFIG = ROOT / 'configs' / 'demo' / 'sepbn_vanilla_wflw.py'
TRAIN_BRIEFLY = (
    *('train_cfg.max_epochs=1', 'param_scheduler=None'),
    *('val_cfg=None', 'val_dataloader=None', 'val_evaluator=None', 'default_hooks.checkpoint.save_best=None'),
)

pytestmark = pytest.mark.slow


@pytest.fixture
def checkpoint(run_tool, tmp_path):
    run_tool('tools/train.py', STAGE_1, '--work-dir', 'run', '--cfg-options', *TRAIN_BRIEFLY, CNT_SETS='cofw,wflw')
    return tmp_path / 'run' / 'epoch_1.pth'


def test_the_config_of_one_set_predicts_with_its_branch_where_no_data_set_is(
    run_tool, checkpoint, synthetic_wflw, tmp_path, monkeypatch
):
    from mmpose.apis import MMPoseInferencer, inference_topdown, init_model

    run_tool('tools/test.py', CONFIG, checkpoint, '--work-dir', 'test', '--per-face', 'faces.csv')
    monkeypatch.setenv('FACES_ROOT', str(tmp_path / 'nowhere'))
    model = init_model(str(CONFIG), str(checkpoint), device='cpu')
    assert model.dataset_meta['num_keypoints'] == 98
    tested = WFLWDataset(
        data_root=str(synthetic_wflw),
        ann_file='WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt',
        data_prefix=dict(img='WFLW_images'),
    )
    for row in read_csv(tmp_path / 'faces.csv'):
        face = tested.get_data_info(row.face_id)
        (found,) = inference_topdown(model, face['img_path'], bboxes=face['bbox'])
        normalizer = WFLW.normalizers(face['keypoints'], face['bbox'])
        nme = normalized_mean_error(found.pred_instances.keypoints, face['keypoints'], normalizer)
        assert nme[0] == pytest.approx(row.nme, rel=1e-4)

    picture = face['img_path']
    inferencer = MMPoseInferencer(str(CONFIG), pose2d_weights=str(checkpoint), device='cpu', det_model='whole_image')
    (drawn,) = inferencer(picture, return_vis=True)
    height, width = cv2.imread(picture).shape[:2]
    (expected,) = inference_topdown(model, picture, bboxes=np.array([[0, 0, width, height]], np.float32))
    assert np.array_equal(drawn['predictions'][0][0]['keypoints'], expected.pred_instances.keypoints[0])
    assert drawn['visualization'][0].shape == (height, width, 3)
