import numpy as np
import pytest
import torch
from helpers import data_sample
from torch import nn

from mmsepbn.models import LandmarkRegressionHead
from mmsepbn.protocols import WIDER_FACE


def make_head(**kwargs):
    torch.manual_seed(0)
    head = LandmarkRegressionHead(in_channels=6, num_landmarks=5, **kwargs)
    head.init_weights()
    return head


def test_first_prediction_is_the_centre_of_the_crop():
    decoder = dict(type='mmsepbn.PixelLabel', input_size=(96, 64))
    head = make_head(hidden_channels=(7,), in_featuremap_size=(2, 2), decoder=decoder)
    landmarks = head((torch.randn(3, 6, 2, 2),))
    assert landmarks.shape == (3, 5, 2)
    torch.testing.assert_close(landmarks, torch.tensor([48.0, 32.0]).expand(3, 5, 2), atol=0.1, rtol=0)


def test_weights_start_as_stated():
    """Kaiming normal: the variance is 2 / (1 + slope^2) over the number of inputs."""
    head = make_head(hidden_channels=(400, 300))
    for layer in (layer for layer in head.hidden if isinstance(layer, nn.Linear)):
        expected = (2 / (1 + 0.01**2) / layer.in_features) ** 0.5
        torch.testing.assert_close(layer.weight.std(), torch.tensor(expected), rtol=0.05, atol=0)
        assert not layer.bias.any()
    torch.testing.assert_close(head.fc.weight.std(), torch.tensor(0.001), rtol=0.05, atol=0)


def test_a_hidden_layer_is_linear_and_leaky_relu():
    head = make_head(hidden_channels=(7,))
    first, x = head.hidden[0], torch.randn(4, 6)
    hidden = x @ first.weight.T + first.bias
    hidden = torch.where(hidden > 0, hidden, 0.01 * hidden)
    torch.testing.assert_close(head((x,)).flatten(1), hidden @ head.fc.weight.T + head.fc.bias)


def test_of_several_maps_the_last_is_used():
    head, other, x = make_head(), torch.randn(2, 4, 8, 8), torch.randn(2, 6)
    samples = [data_sample(torch.zeros(5, 2))] * 2
    assert torch.equal(head((other, x)), head((x,)))
    assert head.loss((other, x), samples) == head.loss((x,), samples)
    found, expected = head.predict((other, x), samples), head.predict((x,), samples)
    assert all((a.keypoints == b.keypoints).all() for a, b in zip(found, expected, strict=True))


def test_loss_is_the_mean_absolute_difference_in_pixels():
    head = make_head()
    torch.nn.init.zeros_(head.fc.weight)
    targets = torch.randn(2, 5, 2) * 10 + 64
    loss = head.loss((torch.randn(2, 6),), [data_sample(t) for t in targets])
    assert loss['loss_kpt'].item() == pytest.approx((targets - 64).abs().mean().item())


def test_landmarks_without_annotation_get_no_gradient():
    head = make_head()
    weights = [1, 0, 1, 1, 1]
    head.loss((torch.randn(1, 6),), [data_sample(torch.zeros(5, 2), weights)])['loss_kpt'].backward()
    assert head.fc.bias.grad.view(5, 2)[1].abs().sum() == 0
    assert head.fc.bias.grad.view(5, 2)[0].abs().sum() > 0


def test_predictions_are_crop_pixels_with_scores():
    head = make_head()
    feature = torch.randn(2, 6)
    predictions = head.predict((feature,), [data_sample(torch.zeros(5, 2))] * 2)
    torch.testing.assert_close(torch.from_numpy(predictions[1].keypoints[0]), head((feature,))[1].detach())
    assert predictions[0].keypoint_scores.shape == (1, 5)


@pytest.mark.parametrize('size', [(128, 128), (96, 128), (128, 64)])
def test_flip_test_of_a_perfect_head_changes_nothing(size):
    """The mirrored crop's landmarks are W - 1 - x in swapped order: averaged with the plain ones they are the truth."""
    truth = torch.tensor([[30.0, 40.0], [90.0, 41.0], [60.0, 60.0], [45.0, 90.0], [80.0, 91.0]])
    mirrored = truth[list(WIDER_FACE.flip_indices)] * torch.tensor([-1.0, 1.0]) + torch.tensor([size[0] - 1.0, 0.0])
    head = make_head(decoder=dict(type='mmsepbn.PixelLabel', input_size=size))
    head.forward = lambda feats: feats[-1].view(-1, 5, 2)
    sample = data_sample(truth, flip_indices=WIDER_FACE.flip_indices, input_size=size)
    feats = [(truth.view(1, -1),), (mirrored.view(1, -1),)]
    (prediction,) = head.predict(feats, [sample], test_cfg=dict(flip_test=True))
    torch.testing.assert_close(torch.from_numpy(prediction.keypoints[0]), truth)


def test_bad_landmark_count_is_named():
    with pytest.raises(ValueError, match=r'num_landmarks=\) must be at least 1. Got 0'):
        LandmarkRegressionHead(in_channels=6, num_landmarks=0)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_under_amp_predictions_have_the_resolution_of_float32(dtype):
    """The step of a coordinate at 100 pixels is 0.06 in float16 and 0.5 in bfloat16."""
    head = make_head(hidden_channels=(7,))
    feature = torch.randn(200, 6).to(dtype)
    samples = [data_sample(torch.full((5, 2), 100.0), flip_indices=WIDER_FACE.flip_indices)] * 200
    exact = head.double().forward((feature.double(),))
    exact_loss = (exact - 100).abs().mean()
    head.float()
    with torch.autocast('cpu', dtype=dtype):
        landmarks = head((feature,))
        loss = head.loss((feature,), samples)['loss_kpt']
        predicted = head.predict((feature,), samples)
        both = head.predict([(feature,), (feature,)], samples, test_cfg=dict(flip_test=True))
    assert landmarks.dtype == loss.dtype == torch.float32
    torch.testing.assert_close(landmarks.double(), exact, atol=1e-4, rtol=0)
    torch.testing.assert_close(loss.double(), exact_loss, atol=1e-4, rtol=0)
    found = torch.cat([torch.as_tensor(each.keypoints) for each in predicted])
    torch.testing.assert_close(found.double(), exact, atol=1e-4, rtol=0)
    assert len(torch.as_tensor(both[0].keypoints).unique()) > 5


def test_a_head_in_double_precision_stays_in_it():
    assert make_head().double()((torch.randn(2, 6),)).dtype == torch.float64


def test_maps_of_another_size_than_the_heads_are_named():
    head, samples = make_head(in_featuremap_size=(2, 3)), [data_sample(torch.zeros(5, 2))]
    head.loss((torch.randn(1, 6, 3, 2),), samples)
    message = (
        r'LandmarkRegressionHead\(in_channels=6, in_featuremap_size=\(2, 3\)\) must fit the last feature map. '
        r'Got 8 channels of \(4, 3\)\.'
    )
    with pytest.raises(ValueError, match=message):
        head.loss((torch.randn(1, 8, 3, 4),), samples)
    with pytest.raises(ValueError, match=message):
        head.predict((torch.randn(1, 8, 3, 4),), samples)
    with pytest.raises(ValueError, match=message):
        head.predict([(torch.randn(1, 8, 3, 4),)] * 2, samples, dict(flip_test=True))


@pytest.mark.parametrize('shape', [(6, 2, 3), (18, 2, 1), (6, 6, 1)])
def test_maps_of_as_many_values_in_another_shape_are_named(shape):
    channels, height, width = shape
    message = rf'must fit the last feature map. Got {channels} channels of \({width}, {height}\)\.'
    with pytest.raises(ValueError, match=message):
        make_head(in_featuremap_size=(2, 3))((torch.randn(1, *shape),))


def test_a_flattened_map_is_taken_and_a_trace_is_made_without_a_warning(recwarn):
    head, feat = make_head(in_featuremap_size=(2, 3)), torch.randn(2, 6, 3, 2)
    assert torch.equal(head((feat.flatten(1),)), head((feat,)))
    torch.jit.trace(head, ((feat,),), check_trace=False)
    assert not [each for each in recwarn if issubclass(each.category, torch.jit.TracerWarning)]


def test_the_look_at_the_map_does_not_break_a_graph():
    head, feats = make_head(in_featuremap_size=(2, 3)), (torch.randn(2, 6, 3, 2),)
    expected = head(feats)
    torch.testing.assert_close(torch.compile(head, backend='eager', fullgraph=True)(feats), expected)
    shapes = ([{0: torch.export.Dim('faces')}],)
    exported = torch.export.export(head, ([*feats],), dynamic_shapes=shapes).module()
    assert exported([torch.randn(5, 6, 3, 2)]).shape == (5, 5, 2)


@pytest.mark.parametrize('size', [(256, 256), [96, 128], np.array([128, 96])])
def test_crops_of_another_size_than_the_decoders_are_named(size):
    """A mirrored landmark of a 256 pixel crop lies at 255 - x: mirrored at 127 - x it would be far off."""
    head, feats = make_head(), (torch.randn(2, 6),)
    flip = dict(flip_test=True)
    labels, indices = torch.zeros(5, 2), WIDER_FACE.flip_indices
    fitting = [data_sample(labels, flip_indices=indices, input_size=[128, 128]), data_sample(labels)]
    head.loss(feats, fitting), head.predict(feats, fitting), head.predict([feats, feats], fitting, flip)
    odd = [fitting[0], data_sample(labels, flip_indices=indices, input_size=size)]
    for use in (
        lambda: head.loss(feats, odd),
        lambda: head.predict(feats, odd),
        lambda: head.predict([feats, feats], odd, flip),
    ):
        with pytest.raises(ValueError, match=r'input_size=\(128, 128\)\)\) must be .* Got a crop of \(.*(96|256).*\)'):
            use()
