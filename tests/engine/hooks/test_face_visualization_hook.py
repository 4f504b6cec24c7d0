"""Images of predictions, of several data sets at once and out of COFW's file."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from mmsepbn.datasets import COFWDataset, WFLWDataset
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.pose_metainfo import pose_metainfo
from mmsepbn.engine import FaceVisualizationHook
from mmsepbn.protocols import get_protocol


@pytest.fixture
def faces(synthetic_faces):
    """A face of WFLW and one of COFW, with predictions on a grid."""
    wflw = WFLWDataset(
        data_root=str(synthetic_faces / 'WFLW'),
        ann_file='WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt',
        data_prefix=dict(img='WFLW_images'),
    )
    cofw = COFWDataset(data_root=str(synthetic_faces / 'COFW'), ann_file='COFW_test_color.mat')
    samples, corner = [], np.array([[0.0, 0, 2, 2]])  # a box away from the grid
    for dataset, row in ((wflw, 0), (cofw, 2)):
        info = dataset.get_data_info(row)
        count = info['keypoints'].shape[1]
        grid = np.stack(np.divmod(np.arange(count), 10), axis=1)[None, :, ::-1] * 11.0 + 8
        keys = ('img_path', 'protocol', 'id')
        sample = PoseDataSample(metainfo={key: info[key] for key in keys} | dict(dataset_name=f'my {info["protocol"]}'))
        sample.pred_instances = InstanceData(keypoints=grid, keypoint_scores=np.ones((1, count)), bboxes=corner)
        sample.gt_instances = InstanceData(keypoints=info['keypoints'])
        samples.append(sample)
    return samples


@pytest.fixture
def hook(tmp_path, monkeypatch):
    from mmpose.visualization import PoseLocalVisualizer

    backends = [dict(type='LocalVisBackend')]
    visualizer = PoseLocalVisualizer(radius=2, vis_backends=backends, save_dir=str(tmp_path / 'backend'))
    monkeypatch.setattr('mmengine.visualization.Visualizer.get_current_instance', lambda: visualizer)
    return lambda **options: FaceVisualizationHook(out_dir='images', **options)


def run(hook, tmp_path, faces):
    runner = SimpleNamespace(work_dir=str(tmp_path), timestamp='now')
    hook.after_test_iter(runner, 0, None, faces)
    return sorted((tmp_path / 'now' / 'images').glob('*'))


@pytest.mark.parametrize('score', [1, 0.01])
def test_every_face_is_drawn_by_its_own_landmarks(score, hook, faces, tmp_path):
    """Also where a heatmap's scores are low."""
    for sample in faces:
        scores = sample.pred_instances.keypoint_scores * score
        sample.pred_instances.set_data(dict(keypoint_scores=scores, keypoints_visible=scores))  # as MMPose's estimators
    files = run(hook(enable=True), tmp_path, faces)
    assert [file.name for file in files] == ['my cofw_00002.jpg', 'my wflw_00000.jpg']
    for file, sample in zip(files, faces[::-1], strict=True):
        drawn = cv2.imread(str(file)).astype(int)
        image = read_image(sample.metainfo['img_path']).astype(int)
        assert drawn.shape == image.shape
        info = pose_metainfo(get_protocol(sample.metainfo['protocol']))['keypoint_info']
        for index, (x, y) in enumerate(sample.pred_instances.keypoints[0].astype(int)):
            assert np.abs(drawn[y, x, ::-1] - info[index]['color']).max() < 60, (index, drawn[y, x], info[index])
        below = slice(int(sample.pred_instances.keypoints[0, :, 1].max()) + 8, None)
        assert np.median(np.abs(drawn[below] - image[below])) < 4


def test_nothing_is_drawn_unless_asked_for(hook, faces, tmp_path):
    assert run(hook(), tmp_path, faces) == []


def test_validation_draws_one_face_at_every_interval(hook, faces, tmp_path):
    drawing = hook(enable=True, interval=3)
    for batch in range(5):
        drawing.after_val_iter(SimpleNamespace(iter=7), batch, None, faces[::-1])
    (file,) = (tmp_path / 'backend').rglob('*.png')
    assert file.name == 'val_img_9.png'
    assert cv2.imread(str(file)).shape == read_image(faces[1].metainfo['img_path']).shape


def test_an_image_that_is_too_large_for_jpeg_becomes_png(hook, faces, tmp_path):
    path = tmp_path / 'long.png'
    cv2.imwrite(str(path), np.full((40, 66_000, 3), 90, np.uint8))
    face = faces[0]
    face.set_metainfo(dict(img_path=str(path)))
    (file,) = run(hook(enable=True), tmp_path, [face])
    assert file.name == 'my wflw_00000.png'
    drawn = cv2.imread(str(file))
    assert drawn.shape == (40, 66_000, 3)
    assert (drawn[:, 200:] == 90).all()
    assert (drawn[8, 8] != 90).any()
