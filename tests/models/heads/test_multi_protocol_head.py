from collections import namedtuple

import numpy as np
import pytest
import torch
from helpers import data_sample
from mmengine.registry import init_default_scope

from mmsepbn.models import LandmarkRegressionHead, MultiProtocolHead
from mmsepbn.models.heads.multi_protocol_head import take_rows
from mmsepbn.protocols import COFW, WIDER_FACE, get_protocol

OURS = dict(type='mmsepbn.LandmarkRegressionHead', in_channels=6)


def make_head(**kwargs):
    torch.manual_seed(0)
    head = MultiProtocolHead(**({'protocols': ['wider_face', 'cofw', '300w'], 'branch': OURS} | kwargs))
    head.init_weights()
    return head


def sample(name, seed=0):
    protocol = get_protocol(name)
    labels = torch.rand(protocol.num_landmarks, 2, generator=torch.Generator().manual_seed(seed)) * 128
    return data_sample(labels, flip_indices=protocol.flip_indices, protocol=name, input_size=(128, 128))


MIXED = ('cofw', 'wider_face', 'cofw', '300w', 'cofw')


def test_each_face_goes_through_its_own_branch_only():
    head, feature = make_head(), torch.randn(5, 6)
    samples = [sample(name, i) for i, name in enumerate(MIXED)]
    losses = head.loss((feature,), samples)
    for name in set(MIXED):
        rows = [i for i, n in enumerate(MIXED) if n == name]
        alone = head.branches[name].loss((feature[rows],), [samples[i] for i in rows])['loss_kpt']
        torch.testing.assert_close(losses[f'loss_kpt/{name}'], alone * len(rows) / 5)
    assert set(losses) == {f'loss_kpt/{name}' for name in MIXED}


def test_each_branch_initializes_itself():
    for landmarks in make_head()((torch.randn(3, 6),)).values():
        torch.testing.assert_close(landmarks, torch.full_like(landmarks, 64), atol=0.1, rtol=0)


def test_with_one_protocol_it_is_that_head():
    head = make_head(protocols=['cofw'])
    alone = LandmarkRegressionHead(in_channels=6, num_landmarks=29)
    alone.load_state_dict(head.branches['cofw'].state_dict())
    feature, samples = torch.randn(2, 6), [sample('cofw', i) for i in range(2)]
    torch.testing.assert_close(
        head.loss((feature,), samples)['loss_kpt/cofw'], alone.loss((feature,), samples)['loss_kpt']
    )


def test_absent_branches_take_part_with_a_zero_gradient():
    head = make_head()
    sum(head.loss((torch.randn(2, 6),), [sample('cofw')] * 2).values()).backward()
    for name, branch in head.branches.items():
        gradients = [p.grad for p in branch.parameters()]
        assert all(g is not None for g in gradients)
        assert any(g.abs().sum() > 0 for g in gradients) == (name == 'cofw')


def test_predictions_come_in_the_order_of_the_batch():
    head, feature = make_head(), torch.randn(5, 6)
    predictions = head.predict((feature,), [sample(name) for name in MIXED])
    for row, name in enumerate(MIXED):
        expected = head.branches[name]((feature[row : row + 1],))[0]
        torch.testing.assert_close(torch.from_numpy(predictions[row].keypoints[0]), expected.detach())


Pyramid = namedtuple('Pyramid', ['low', 'high'])


@pytest.mark.parametrize('nest', [list, lambda maps: Pyramid(*maps)])
def test_feature_maps_may_be_in_a_list_or_a_namedtuple(nest):
    """As MMPose's FeatureMapProcessor and Hourglass return them, without a flip test too."""
    head, maps = make_head(), (torch.randn(5, 6), torch.randn(5, 6))
    samples = [sample(name, i) for i, name in enumerate(MIXED)]
    assert head.loss(nest(maps), samples) == head.loss(maps, samples)
    for found, expected in zip(head.predict(nest(maps), samples), head.predict(maps, samples), strict=True):
        np.testing.assert_array_equal(found.keypoints, expected.keypoints)


def test_some_rows_of_nested_maps():
    low, high = torch.randn(4, 2), torch.randn(4, 3)
    taken = take_rows([Pyramid(low, high), [low]], [3, 0, 3])
    assert type(taken[0]) is Pyramid
    for found, whole in ((taken[0].low, low), (taken[0].high, high), (taken[1][0], low)):
        assert torch.equal(found, whole[[3, 0, 3]])


@pytest.mark.parametrize('rows', [[2, 0, 1], [1, 1, 0], [0, 1, 2]])
def test_as_many_rows_as_there_are_need_not_be_all_in_their_order(rows):
    maps = torch.randn(3, 2)
    assert torch.equal(take_rows((maps,), rows)[0], maps[rows])


def test_flip_test_of_a_mixed_batch_uses_each_protocols_own_pairs():
    """Branches that read the landmarks from the features: with exact mirrored features nothing changes."""
    head = make_head(protocols=['wider_face', 'cofw'])
    for name, branch in head.branches.items():
        count = get_protocol(name).num_landmarks
        branch.forward = lambda feats, count=count: feats[-1].view(-1, 29, 2)[:, :count]
    truths = []
    for protocol in (COFW, WIDER_FACE):
        truth = torch.zeros(29, 2)
        truth[: protocol.num_landmarks] = torch.rand(protocol.num_landmarks, 2) * 128
        truths.append((protocol, truth))
    plain = torch.stack([truth for _, truth in truths])
    mirrored = torch.stack(
        [
            torch.cat((truth[list(p.flip_indices)], truth[p.num_landmarks :])) * torch.tensor([-1.0, 1.0])
            + torch.tensor([127.0, 0.0])
            for p, truth in truths
        ]
    )
    feats = [(plain.flatten(1),), (mirrored.flatten(1),)]
    predictions = head.predict(feats, [sample('cofw'), sample('wider_face')], test_cfg=dict(flip_test=True))
    for (protocol, truth), prediction in zip(truths, predictions, strict=True):
        torch.testing.assert_close(torch.from_numpy(prediction.keypoints[0]), truth[: protocol.num_landmarks])


@pytest.mark.parametrize(
    ('branch', 'key', 'labels'),
    [
        (
            dict(
                type='mmpose.RLEHead', in_channels=6, decoder=dict(type='mmpose.RegressionLabel', input_size=(128, 128))
            ),
            'num_joints',
            lambda count: dict(keypoint_labels=torch.rand(1, count, 2)),
        ),
        (
            dict(
                type='mmpose.SimCCHead',
                in_channels=6,
                input_size=(128, 128),
                in_featuremap_size=(2, 2),
                deconv_out_channels=None,
                decoder=dict(type='mmpose.SimCCLabel', input_size=(128, 128)),
            ),
            'out_channels',
            lambda count: dict(
                keypoint_x_labels=torch.rand(1, count, 256), keypoint_y_labels=torch.rand(1, count, 256)
            ),
        ),
    ],
    ids=['RLE', 'SimCC'],
)
def test_branches_may_be_mmposes_heads(branch, key, labels):
    init_default_scope('mmpose')
    head = make_head(protocols=['cofw', 'wider_face'], branch=branch, landmarks_key=key)
    samples = [sample(name) for name in ('cofw', 'wider_face', 'cofw')]
    for s in samples:
        count = s.gt_instance_labels.keypoint_labels.shape[1]
        for name, value in labels(count).items():
            s.gt_instance_labels.set_field(value, name)
    feature = torch.randn(3, 6, 2, 2)
    feats = (feature if key == 'out_channels' else feature.mean((2, 3)),)
    losses = head.loss(feats, samples)
    assert {key for key in losses if 'loss' in key} == {'loss_kpt/cofw', 'loss_kpt/wider_face'}
    assert all(torch.isfinite(torch.as_tensor(value)) for value in losses.values())
    predictions = head.predict(feats, samples)
    predictions = predictions[0] if isinstance(predictions, tuple) else predictions
    assert [p.keypoints.shape[1] for p in predictions] == [29, 5, 29]


def test_a_branch_may_return_its_loss_in_parts():
    """In a list, of which MMEngine adds the means."""
    head, parts = make_head(), [torch.tensor([1.0, 3.0]), torch.tensor(4.0)]
    head.branches['cofw'].loss = lambda *_, **__: dict(loss_kpt=parts, acc_pose=[0.5])
    losses = head.loss((torch.randn(4, 6),), [sample(name) for name in ('wider_face', 'cofw', 'cofw', '300w')])
    assert losses['loss_kpt/cofw'].item() == (2 + 4) / 2
    assert losses['acc_pose/cofw'] == [0.5]


def test_a_branch_without_a_loss_is_named():
    head = make_head()
    head.branches['cofw'].loss = lambda *_, **__: dict(kpt=torch.ones(()), acc_pose=1.0)
    message = (
        r"branch=\) must return a loss, under a key with 'loss' in it. Got \['acc_pose', 'kpt'\] from the branch "
        "'cofw', a LandmarkRegressionHead"
    )
    with pytest.raises(ValueError, match=message):
        head.loss((torch.randn(2, 6),), [sample('wider_face'), sample('cofw')])


def test_a_single_branch_may_be_another_head():
    head = make_head(
        protocols=['cofw', 'wider_face'], branches=dict(cofw=OURS | dict(num_landmarks=29, hidden_channels=(3,)))
    )
    assert len(head.branches['cofw'].hidden) == 2
    assert len(head.branches['wider_face'].hidden) == 0


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(protocols=[]), r'protocols=\) must name at least one'),
        (dict(protocols=['wflw', 'cofw', 'wflw']), r'protocols=\) must name each protocol once'),
        (dict(protocols=['lapa']), r"Got 'lapa'"),
        (dict(branch=None), r"branch=\) is needed for \['300w', 'cofw', 'wider_face'\]"),
        (dict(branches=dict(aflw=OURS)), r"branches=\) must be among .* Got \['aflw'\]"),
    ],
)
def test_bad_settings_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        make_head(**kwargs)


def test_a_face_without_a_branch_is_named():
    with pytest.raises(ValueError, match=r"has branches for \['wider_face', 'cofw', '300w'\]. Got faces of \['aflw'\]"):
        make_head().loss((torch.randn(1, 6),), [sample('aflw')])


def test_a_backbone_that_returns_one_tensor_is_told_of_the_tuple():
    head, feature, faces = make_head(), torch.randn(2, 6, 1, 1), [sample('cofw')] * 2
    alone = head.branches['cofw']
    said = r'needs a tuple of feature maps.* Got one tensor of shape \(2, 6, 1, 1\): .* return \(x,\)'
    for use in (head, alone, lambda x: head.loss(x, faces), lambda x: alone.loss(x, faces)):
        with pytest.raises(ValueError, match=said):
            use(feature)


FOREIGN = dict(
    type='mmpose.RegressionHead',
    in_channels=6,
    loss=dict(type='mmpose.L1Loss', use_target_weight=True),
    decoder=dict(type='mmpose.RegressionLabel', input_size=(128, 128)),
)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(('branch', 'key'), [(OURS, 'num_landmarks'), (FOREIGN, 'num_joints')])
def test_under_amp_every_branch_has_the_resolution_of_float32(branch, key, dtype):
    init_default_scope('mmpose')
    head = make_head(branch=branch, landmarks_key=key)
    feature = torch.randn(5, 6, 1, 1).to(dtype)
    samples = [sample(name, i) for i, name in enumerate(MIXED)]
    expected = (
        head((feature.float(),)),
        head.loss((feature.float(),), samples),
        head.predict((feature.float(),), samples),
    )
    with torch.autocast('cpu', dtype=dtype):
        outputs, losses, found = head((feature,)), head.loss((feature,), samples), head.predict((feature,), samples)
    assert all(torch.equal(outputs[name], value) for name, value in expected[0].items())
    assert all(
        torch.equal(torch.as_tensor(losses[name]), torch.as_tensor(value)) for name, value in expected[1].items()
    )
    assert all((a.keypoints == b.keypoints).all() for a, b in zip(found, expected[2], strict=True))


def test_a_face_without_protocol_is_told_how_to_choose_a_branch():
    face = data_sample(torch.zeros(5, 2))
    with pytest.raises(ValueError, match=r"branches for \['wider_face', 'cofw', '300w'\].*use the config of one set"):
        make_head().predict((torch.randn(1, 6),), [face])
