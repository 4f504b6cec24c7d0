"""The teacher's landmarks as targets: the loss against a formula, other heads, and what is no part of the network."""

import copy
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from helpers import data_sample, run_two_ranks
from mmengine.registry import MODELS
from mmengine.runner.activation_checkpointing import turn_on_activation_checkpointing
from mmengine.structures import InstanceData
from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs
from mmpose.registry import KEYPOINT_CODECS
from mmpose.structures import PoseDataSample
from tiny_network import SIZE, build, model_config
from torch.nn.parallel import DistributedDataParallel

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.models.estimators import replay_estimator
from mmsepbn.models.estimators.replay_estimator import label
from mmsepbn.protocols import get_protocol

SETS = ('300w', 'wflw', 'wider_face')
SIMCC = dict(
    type='SimCCHead',
    in_channels=8,
    out_channels=98,
    input_size=SIZE,
    in_featuremap_size=(1, 1),
    deconv_out_channels=None,
    decoder=dict(type='SimCCLabel', input_size=SIZE, sigma=4.0, simcc_split_ratio=2.0, normalize=False),
)


def estimator(protocols=SETS, weight=1.0, **branches):
    config = model_config(protocols, **branches)
    config.type, config.replay_weight = 'mmsepbn.ReplayEstimator', weight
    return build(config)


def other(model):
    """A network of other weights."""
    changed = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in changed.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return changed


def batch(*names):
    generator = torch.Generator().manual_seed(1)
    samples = []
    for name in names:
        points = 64 * torch.rand(get_protocol(name).num_landmarks, 2, generator=generator)
        samples.append(data_sample(points, protocol=name, flip_indices=get_protocol(name).flip_indices))
    return torch.randn(len(names), 3, *SIZE, generator=generator), samples


def mean_distance(found, target):
    return (found - target).abs().mean(dim=(1, 2))


@pytest.mark.parametrize(
    ('faces', 'known', 'weight'),
    [
        (('300w', '300w', '300w'), SETS, 1.0),
        (('wider_face', '300w', 'wflw'), SETS, 0.25),
        (('wflw', '300w', '300w'), ('wflw', 'wider_face'), 1.0),
        (('wflw', '300w', '300w'), ('300w',), 0.5),
        (('wflw', 'wflw'), ('wflw',), 1.0),
        (('wflw', '300w', 'wflw'), ('300w', 'wflw'), 1.0),
    ],
)
def test_each_face_trains_every_branch_that_the_teacher_has(faces, known, weight):
    model = estimator(weight=weight).train()
    stage_1 = other(model).eval()
    dropped = tuple(f'head.branches.{name}.' for name in set(SETS) - set(known))
    model.set_teacher({key: value for key, value in stage_1.state_dict().items() if not key.startswith(dropped)})
    inputs, samples = batch(*faces)
    losses = model.loss(inputs, samples)
    found, taught = model.head(model.extract_feat(inputs)), stage_1.head(stage_1.extract_feat(inputs))
    total = 0.0
    for row, (name, sample) in enumerate(zip(faces, samples, strict=True)):
        truth = sample.gt_instance_labels.keypoint_labels
        total += mean_distance(found[name][[row]], truth).item() / len(faces)
        for each in set(known) - {name}:
            distance = mean_distance(found[each][[row]], taught[each][[row]]).item()
            total += weight * distance / len(faces)
    assert sum(losses.values()).item() == pytest.approx(total, rel=1e-5)
    replayed = {f'replay_loss_kpt/{name}' for name in known if set(faces) != {name}}
    assert {key for key in losses if key.startswith('replay')} == replayed


def test_one_that_imitates_itself_has_nothing_to_learn_from_the_teacher():
    model = estimator().eval()
    model.set_teacher(model.state_dict())
    losses = model.loss(*batch('300w', 'wflw'))
    assert sum(value for key, value in losses.items() if key.startswith('replay')).item() == pytest.approx(0, abs=1e-5)


def test_the_teacher_stays_as_it_is_and_is_no_part_of_the_network():
    model = estimator().train()
    plain = {name: value.clone() for name, value in model.state_dict().items()}
    stage_1 = other(model).state_dict()
    model.set_teacher(stage_1)
    assert model.state_dict().keys() == plain.keys()
    assert sum(1 for _ in model.parameters()) == sum(1 for _ in copy.copy(model).parameters())
    model.train()
    assert not any(module.training for module in model.teacher.modules())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(2):
        sum(model.loss(*batch('300w', 'wflw')).values()).backward()
        optimizer.step()
    assert all(torch.equal(value, stage_1[name]) for name, value in model.teacher.state_dict().items())
    assert not any(torch.equal(plain[name], p) for name, p in model.named_parameters() if name.endswith('fc.weight'))
    assert not any(p.requires_grad or p.grad is not None for p in model.teacher.parameters())


def test_the_teacher_of_a_student_with_checkpointed_activations_is_itself():
    model = estimator().train()
    stage_1 = other(model).eval()
    turn_on_activation_checkpointing(model, ['backbone'])
    model.set_teacher(stage_1.state_dict())
    inputs, _ = batch('300w', 'wflw')
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(model.teacher.extract_feat(inputs), stage_1.extract_feat(inputs))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_second_teacher_takes_the_place_of_the_first():
    model = estimator()
    for state in (model.state_dict(), other(model).state_dict()):
        model.set_teacher(state)
    assert torch.equal(model.teacher.head.branches['wflw'].fc.weight, state['head.branches.wflw.fc.weight'])
    assert model.teacher.teacher is None


@pytest.mark.parametrize(
    'codec',
    [
        dict(type='mmsepbn.PixelLabel', input_size=SIZE),
        SIMCC['decoder'],
        dict(type='MSRAHeatmap', input_size=SIZE, heatmap_size=(16, 16), sigma=2),
        dict(type='RegressionLabel', input_size=SIZE),
    ],
    ids=lambda codec: codec['type'],
)
def test_targets_are_those_that_a_pipeline_would_make(codec, monkeypatch):
    faces = [*np.random.default_rng(0).uniform(0, 63, (3, 1, 5, 2)).astype(np.float32)]
    samples = [PoseDataSample() for _ in faces]
    monkeypatch.setattr(replay_estimator, 'send', sent := Mock(wraps=replay_estimator.send))
    label(samples, faces, KEYPOINT_CODECS.build(codec), torch.device('cpu'))
    assert sent.call_count <= 3  # once for each kind of target, not for each face
    for sample, landmarks in zip(samples, faces, strict=True):
        results = dict(
            img=np.zeros((64, 64, 3), np.uint8), keypoints=landmarks, keypoints_visible=np.ones((1, 5), np.float32)
        )
        packed = PackPoseInputs(meta_keys=()).transform(GenerateTarget(encoder=codec).transform(results))
        expected = packed['data_samples']
        for part in ('gt_instance_labels', 'gt_fields'):
            assert hasattr(sample, part) == hasattr(expected, part)
            found, wanted = (dict(getattr(each, part, InstanceData()).items()) for each in (sample, expected))
            assert found.keys() == wanted.keys()
            assert all(torch.equal(value, wanted[name]) for name, value in found.items())


def test_what_a_head_may_read_of_a_face_is_there_for_its_other_branches():
    (sample,) = batch('300w')[1]
    sample.set_metainfo(dict(domain='left', input_center=np.zeros(2)))
    face = replay_estimator._in_protocol(sample, 'wflw')
    assert face.metainfo.keys() == sample.metainfo.keys()
    assert (face.protocol, face.domain) == ('wflw', 'left')
    assert face.flip_indices == list(get_protocol('wflw').flip_indices)
    assert not face.keys()
    assert sample.protocol == '300w'


def test_a_branch_may_be_a_head_of_mmpose():
    model = estimator(('300w', 'wflw'), wflw=SIMCC).train()
    stage_1 = other(model).eval()
    model.set_teacher(stage_1.state_dict())
    inputs, samples = batch('300w', '300w')
    losses = model.loss(inputs, samples)
    predicted = stage_1.head.branches['wflw'].predict(stage_1.extract_feat(inputs), samples, test_cfg={})
    branch, labelled = model.head.branches['wflw'], []
    for instance in predicted:
        encoded = branch.decoder.encode(instance.keypoints, np.ones((1, 98), np.float32))
        sample = PoseDataSample()
        sample.gt_instance_labels = InstanceData(**encoded).to_tensor()
        labelled.append(sample)
    expected = branch.loss(model.extract_feat(inputs), labelled, train_cfg={})['loss_kpt']
    assert losses['replay_loss_kpt/wflw'].item() == pytest.approx(expected.item(), rel=1e-5)


def test_without_a_teacher_it_predicts_and_does_not_train():
    model = estimator()
    with pytest.raises(ValueError, match=r'no teacher\. Name the checkpoint of stage 1 in load_from'):
        model.loss(*batch('300w'))


def test_a_teacher_of_another_network_is_refused():
    model = estimator()
    state = model.state_dict()
    with pytest.raises(
        CheckpointError, match=r'1 tensors are only in one of the two:\n  head\.branches\.wflw\.fc\.bias'
    ):
        model.set_teacher({key: value for key, value in state.items() if key != 'head.branches.wflw.fc.bias'})
    with pytest.raises(CheckpointError, match=r'size mismatch for head\.branches\.wflw\.fc\.bias'):
        model.set_teacher({**state, 'head.branches.wflw.fc.bias': torch.zeros(2)})
    assert model.teacher is None


@pytest.mark.parametrize('weight', [-1, float('nan'), float('inf')])
def test_a_weight_is_a_number_of_at_least_zero(weight):
    with pytest.raises(ValueError, match=r'replay_weight=\) must be a number of at least 0'):
        estimator(weight=weight)


def test_the_head_has_branches():
    config = model_config()
    config.type, config.head = 'mmsepbn.ReplayEstimator', config.head.branch
    config.head.num_landmarks = 5
    with pytest.raises(ValueError, match=r'head=\) must be a MultiProtocolHead\. Got LandmarkRegressionHead'):
        MODELS.build(config)


FACES_OF_RANKS = (('300w', 'wflw'), ('wider_face', '300w'))


def taught():
    model = estimator()
    model.set_teacher(other(model).state_dict())
    return model.eval()  # statistics of a batch would differ between ranks


def two_steps(network, faces):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    for _ in range(2):
        optimizer.zero_grad()
        inputs, samples = batch(*faces)
        sum(network(inputs, samples, mode='loss').values()).backward()
        optimizer.step()


def train(rank, folder):
    network = DistributedDataParallel(taught(), broadcast_buffers=False)
    two_steps(network, FACES_OF_RANKS[rank])
    torch.save([network.module.state_dict(), network.module.teacher.state_dict()], f'{folder}/{rank}.pth')


@pytest.mark.slow
def test_two_processes_learn_as_one_does_from_all_their_faces(tmp_path):
    run_two_ranks(train, str(tmp_path))
    (first, teacher), (second, its_teacher) = (torch.load(tmp_path / f'{rank}.pth') for rank in (0, 1))
    model = taught()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(2):
        optimizer.zero_grad()
        (sum(sum(model(*batch(*faces), mode='loss').values()) for faces in FACES_OF_RANKS) / 2).backward()
        optimizer.step()
    for name, value in model.state_dict().items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], value, atol=1e-5, rtol=1e-4)
    for name, value in model.teacher.state_dict().items():
        assert torch.equal(teacher[name], its_teacher[name])
        torch.testing.assert_close(teacher[name], value)  # not to the bit: ranks have a thread each
