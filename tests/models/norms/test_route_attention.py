import torch

from mmsepbn.models.norms import SepBN
from mmsepbn.models.norms.sepbn import RouteAttention


def make_attention(standardize=True, pool_size=2):
    torch.manual_seed(0)
    return RouteAttention(8, num_routes=3, num_groups=4, pool_size=pool_size, standardize=standardize).double()


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
    plain = make_attention(standardize=False)
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


def test_the_layer_takes_the_setting_and_loads_a_batch_norm():
    layer = SepBN(8, standardize_attention=True)
    norm = torch.nn.BatchNorm2d(8)
    norm.running_mean += 3
    layer.load_state_dict(norm.state_dict())
    assert torch.equal(layer.norm.running_mean, norm.running_mean)
    assert torch.equal(layer.route_attention.norm.running_mean, torch.zeros(8))
    torch.nn.SyncBatchNorm.convert_sync_batchnorm(layer)
    assert isinstance(layer.route_attention.logit_norm, torch.nn.SyncBatchNorm)
