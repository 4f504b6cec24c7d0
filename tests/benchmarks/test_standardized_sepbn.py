import copy

import pytest
import torch
from helpers import ROOT, assert_conv_fusion_leaves_alone
from mmcv.cnn import build_norm_layer
from mmengine.config import Config
from torch import nn

from benchmarks.method.standardized_sepbn import StandardizedAttention, StandardizedSepBN
from mmsepbn.models.norms import SepBN
from mmsepbn.models.norms.route_attention import RouteAttention


def make_plain(pool_size=2):
    torch.manual_seed(0)
    return RouteAttention(8, 3, 4, pool_size, conv_channels=8, hidden_channels=16).double()


def make_attention(pool_size=2):
    return StandardizedAttention(make_plain(pool_size)).double()


def faces(count=16, seed=0):
    return 50 + 20 * torch.randn(count, 8, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_every_logit_has_mean_0_and_variance_1_over_the_batch():
    logits = make_attention()(faces())
    torch.testing.assert_close(logits.mean(dim=0), torch.zeros(3, 4, dtype=torch.float64), atol=1e-9, rtol=0)
    variance = logits.var(dim=0, unbiased=False)
    assert ((variance > 0.9) & (variance <= 1)).all()


def test_the_scale_of_input_and_weights_does_not_matter():
    attention = make_attention()
    before = attention(faces())
    with torch.no_grad():
        attention.mlp[-1].weight *= 1000
        attention.mlp[-1].bias += 7
    torch.testing.assert_close(attention(3 * faces() - 5), before, atol=1e-2, rtol=0)  # up to eps of the variance
    plain = make_plain()
    assert (plain(3 * faces() - 5) - plain(faces())).abs().max() > 1


def test_evaluation_uses_running_statistics():
    attention = make_attention()
    for seed in range(200):
        attention(faces(seed=seed))
    attention.eval()
    before = attention.logit_norm.running_mean.clone()
    whole = attention(torch.cat([faces(seed=seed) for seed in range(50)]))
    assert whole.mean(dim=0).abs().max() < 0.3
    assert (whole.std(dim=0) - 1).abs().max() < 0.3
    assert torch.equal(attention.logit_norm.running_mean, before)


def test_a_batch_of_one_trains_by_running_statistics():
    attention = make_attention(pool_size=1)
    for seed in range(20):
        attention(faces(seed=seed))
    one = faces(1, seed=999)
    torch.testing.assert_close(attention(one), attention.eval()(one))


def test_fresh_running_statistics_leave_the_paper_s_attention():
    plain = make_plain()
    expected = copy.deepcopy(plain)(faces())
    torch.testing.assert_close(StandardizedAttention(plain).double().eval()(faces()), expected, atol=0, rtol=1e-4)


def test_a_seed_gives_it_the_weights_of_sepbn():
    layers = []
    for kind in (SepBN, StandardizedSepBN):
        torch.manual_seed(0)
        layers.append(dict(kind(8, attention_channels=(3, 5)).named_parameters()))
    assert list(layers[0]) == list(layers[1])
    assert all(torch.equal(value, layers[1][name]) for name, value in layers[0].items())
    assert StandardizedSepBN(8, num_routes=1).route_attention is None


def test_it_loads_a_batch_norm_and_is_synchronized():
    layer = StandardizedSepBN(8)
    norm = nn.BatchNorm2d(8)
    norm.running_mean += 3
    layer.load_state_dict(norm.state_dict())
    assert torch.equal(layer.norm.running_mean, norm.running_mean)
    assert torch.equal(layer.route_attention.norm.running_mean, torch.zeros(8))
    nn.SyncBatchNorm.convert_sync_batchnorm(layer)
    assert isinstance(layer.route_attention.logit_norm, nn.SyncBatchNorm)


def test_conv_fusion_leaves_it_alone():
    torch.manual_seed(0)
    assert_conv_fusion_leaves_alone(StandardizedSepBN(8, temperature=2.0, init_std=0.5), 8)


def test_tables_name_it_and_its_misspelled_settings_are_refused():
    shared = Config.fromfile(ROOT / 'benchmarks' / 'method' / 'configs' / 'norms.py').shared
    config = dict(shared.standardized['model.backbone.norm_cfg'])
    del config['_delete_']
    name, layer = build_norm_layer(config, 8, postfix=1)
    assert (name, type(layer)) == ('bn1', StandardizedSepBN)
    with pytest.raises(TypeError, match='num_rotues'):
        build_norm_layer({**config, 'num_rotues': 3}, 8)
