import copy

import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from mmsepbn.analysis.attention_gradients import attention_gradients, plot_gradients
from mmsepbn.models import SepBN


@pytest.fixture
def batches(network):
    cfg, _, _ = network
    np.random.seed(0)
    return list(Runner.build_dataloader(cfg.train_dataloader, seed=0))


def test_the_pull_is_the_mean_gradient_over_the_weights(network, batches):
    _, model, _ = network
    assert len(batches) == 2
    layer = 'backbone.blocks.1.bn'
    twin = copy.deepcopy(model).train()
    norm = twin.get_submodule(layer)
    for module in twin.modules():
        if isinstance(module, SepBN):
            module.set_temperature(3.0)
    parameters = dict(attention=list(norm.route_attention.parameters()), routes=[norm.weight, norm.bias])
    expected = {}
    for name, own in parameters.items():
        gradients = []
        for batch in batches:
            losses = twin.loss(**twin.data_preprocessor(batch, True))
            found = torch.autograd.grad(losses['loss_kpt/wflw'], own)
            gradients.append(torch.cat([gradient.flatten() for gradient in found]))
        size = torch.cat([parameter.detach().flatten() for parameter in own]).norm()
        expected[name] = float(torch.stack(gradients).mean(0).norm() / size)
    records = attention_gradients(model, batches, (30.0, 3.0))
    (record,) = (r for r in records if (r['layer'], r['temperature']) == (layer, 3))
    assert {name: record[name] for name in expected} == pytest.approx(expected, rel=1e-4)
    assert min(expected.values()) > 0


def test_the_pull_at_the_attention_falls_as_one_over_the_temperature(network, batches):
    _, model, _ = network
    hot, hotter = (attention_gradients(model, batches, (t,)) for t in (1e3, 4e3))
    assert len(hot) == 6
    for a, b in zip(hot, hotter, strict=True):
        assert a['attention'] == pytest.approx(4 * b['attention'], rel=0.02)
        assert a['routes'] == pytest.approx(b['routes'], rel=0.02)


def test_the_network_is_left_as_it_is(network, batches):
    _, model, _ = network
    before = copy.deepcopy(model.state_dict())
    attention_gradients(model, batches[:1])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_hard_aggregation_pulls_at_nothing(network, batches):
    _, model, _ = network
    for module in model.modules():
        if isinstance(module, SepBN):
            module.aggregation = 'hard'
    records = attention_gradients(model, batches[:1], (1.0,))
    assert [record['attention'] for record in records] == [0] * 6
    assert min(record['routes'] for record in records) > 0


def test_what_has_no_attention_or_no_faces_is_refused(network):
    _, model, _ = network
    with pytest.raises(ValueError, match='at least one batch'):
        attention_gradients(model, [])
    with pytest.raises(ValueError, match=r'no mmsepbn.SepBN with several routes'):
        attention_gradients(model.head, [])


def test_a_figure_is_written(tmp_path):
    records = [
        dict(temperature=t, layer=f'layer {i}', attention=0.1 / t, routes=0.3) for t in (30.0, 1.0) for i in range(4)
    ]
    plot_gradients(records, tmp_path / 'a.png', 'gradients')
    assert (tmp_path / 'a.png').stat().st_size > 5000
