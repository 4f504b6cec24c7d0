import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.models.estimators.domain_routed_estimator import DomainRoutedEstimator, _error
from mmsepbn.models.norms import BruteForceSepBN
from mmsepbn.protocols import AFLW

NUM = AFLW.num_landmarks


@pytest.fixture
def estimator():
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='mmsepbn.DomainRoutedEstimator',
            backbone=dict(type='mmsepbn.VanillaCNN', widths=(4, 8), norm_cfg=dict(type='mmsepbn.BruteForceSepBN')),
            head=dict(
                type='mmsepbn.LandmarkRegressionHead',
                in_channels=8,
                in_featuremap_size=(2, 2),
                num_landmarks=NUM,
                decoder=dict(type='mmsepbn.PixelLabel', input_size=(8, 8)),
            ),
        )
    )
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight), torch.nn.init.normal_(module.bias, std=3)
    return model


def face(domain, index=0):
    sample = PoseDataSample(
        metainfo=dict(
            domain=domain,
            id=index,
            img_path='a.jpg',
            dataset_name='aflw',
            protocol='aflw',
            subsets=(),
            input_size=(8, 8),
            input_center=np.array([4.0, 4.0]),
            input_scale=np.array([8.0, 8.0]),
        )
    )
    rng = np.random.default_rng(index)
    points = rng.uniform(0, 8, (1, NUM, 2))
    sample.gt_instances = InstanceData(
        keypoints=points, keypoints_visible=np.ones((1, NUM)), bboxes=np.array([[0.0, 0, 8, 8]]), bbox_scores=np.ones(1)
    )
    labels = torch.as_tensor(points, dtype=torch.float32)
    sample.gt_instance_labels = InstanceData(keypoint_labels=labels, keypoint_weights=torch.ones(1, NUM))
    return sample


def by_branch(estimator, images, branch):
    """Landmarks of each image by the branch of one sub-domain."""
    for module in estimator.modules():
        if isinstance(module, BruteForceSepBN):
            module.domains = torch.full((len(images),), branch)
    return estimator.head(estimator.extract_feat(images))


def test_training_sends_each_face_through_the_branch_of_its_domain(estimator):
    """Only left and frontal faces: the branch of right faces sees nothing, the others their own numbers of faces."""
    images = torch.randn(3, 3, 8, 8)
    samples = [face('left'), face('frontal'), face('left')]
    estimator.train()
    loss = estimator.loss(images, samples)['loss_kpt']
    assert torch.isfinite(loss)
    first = estimator.backbone.blocks[0].bn
    assert [branch.num_batches_tracked.item() for branch in first.branches] == [1, 1, 0]
    features = estimator.backbone.blocks[0].conv(images)
    expected = 0.1 * features[[0, 2]].mean((0, 2, 3))
    torch.testing.assert_close(first.branches[1].running_mean, expected.detach())


def test_testing_keeps_the_best_of_all_branches_by_the_ground_truth(estimator):
    estimator.eval()
    images, samples = torch.randn(4, 3, 8, 8), [face('frontal', index) for index in range(4)]
    with torch.no_grad():
        each = [by_branch(estimator, images, branch) for branch in range(3)]
        for index, sample in enumerate(samples):
            near = each[(2 * index) % 3][index].numpy()
            sample.gt_instances.keypoints = near[None] + np.random.default_rng(index).normal(0, 0.01, (1, NUM, 2))
        found = estimator.predict(images, samples)
    for index, sample in enumerate(found):
        np.testing.assert_allclose(sample.pred_instances.keypoints[0], each[(2 * index) % 3][index], atol=1e-4)
        assert abs(each[0][index] - each[1][index]).max() > 0.1


def test_the_rows_say_that_it_is_an_oracle(estimator):
    samples = estimator.eval().predict(torch.randn(2, 3, 8, 8), [face('frontal', index) for index in range(2)])
    metric = FaceLandmarkMetric()
    metric.process(None, [sample.to_dict() for sample in samples])
    assert 'aflw_oracle/NME' in metric.evaluate(2)


def test_raw_output_is_that_of_the_first_branches(estimator):
    estimator.eval()
    images = torch.randn(2, 3, 8, 8)
    each = [by_branch(estimator, images, branch) for branch in range(2)]
    torch.testing.assert_close(estimator(images, None, mode='tensor'), each[0])
    assert (each[0] - each[1]).abs().max() > 0.1


def test_a_face_without_a_known_domain_is_named(estimator):
    with pytest.raises(ValueError, match=r"needs the domain of every face. Got 'up' for aflw, a.jpg"):
        estimator.loss(torch.randn(1, 3, 8, 8), [face('up')])


@pytest.mark.parametrize('broken', [np.nan, np.inf])
@pytest.mark.parametrize('branches', [(0,), (0, 1), (2,)])
def test_a_branch_that_finds_no_numbers_is_not_kept(estimator, branches, broken):
    """Of the branches with numbers the nearest is, although no number is nearer than ``nan``."""
    for branch in branches:
        torch.nn.init.constant_(estimator.backbone.blocks[-1].bn.branches[branch].bias, broken)
    estimator.eval()
    images, sample = torch.randn(1, 3, 8, 8), face('frontal')
    with torch.no_grad():
        each = [by_branch(estimator, images, branch)[0].numpy() for branch in range(3)]
        finite = [points for points in each if np.isfinite(points).all()]
        assert len(finite) == 3 - len(branches)
        (found,) = estimator.predict(images, [sample])
    truth = sample.gt_instances.keypoints[0]
    nearest = min(finite, key=lambda points: np.linalg.norm(points - truth, axis=1).mean())
    np.testing.assert_allclose(found.pred_instances.keypoints[0], nearest, atol=1e-4)


def test_nearest_means_as_the_metric_measures_it():
    """The mean distance of annotated landmarks is the normalized error for a normalizer of one pixel, to the bit."""
    rng = np.random.default_rng(0)
    for index in range(50):
        sample = face('frontal', index)
        sample.gt_instances.keypoints_visible = rng.integers(0, 2, (1, NUM)).astype(np.float32)
        sample.gt_instances.keypoints_visible[0, index % NUM] = 1
        sample.gt_instances.keypoints[sample.gt_instances.keypoints_visible == 0] = np.nan
        predicted = rng.uniform(0, 8, (1, NUM, 2)).astype(np.float32)
        sample.pred_instances = InstanceData(keypoints=predicted)
        truth = sample.gt_instances
        expected = normalized_mean_error(predicted, truth.keypoints, np.ones(1), truth.keypoints_visible)
        assert _error(sample) == expected[0]


def test_flip_test_is_refused():
    """The mirror image of a face turned left is turned right, and would go through the wrong branch."""
    backbone = dict(type='mmsepbn.VanillaCNN', widths=(4, 8))
    head = dict(type='mmsepbn.LandmarkRegressionHead', in_channels=8, num_landmarks=NUM)
    DomainRoutedEstimator(backbone=backbone, head=head, test_cfg=dict(flip_test=False))
    with pytest.raises(ValueError, match=r"test_cfg=\) must not set flip_test: .* Got {'flip_test': True}"):
        DomainRoutedEstimator(backbone=backbone, head=head, test_cfg=dict(flip_test=True))
