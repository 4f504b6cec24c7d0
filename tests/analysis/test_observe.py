import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.runner import Runner

from mmsepbn.analysis.attention_weights import attention_weights, plot_attention, variance_explained
from mmsepbn.analysis.feature_map import embed, plot_embedding
from mmsepbn.analysis.observe import Observation, attention_layers, observe
from mmsepbn.apis.load_model import load_model
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.models.norms import AttentiveNorm, SepBN


def test_a_loaded_model_is_the_checkpoints(network, tmp_path):
    cfg, model, source = network
    own, given = model.state_dict(), source.state_dict()
    assert all(torch.equal(own[name], given[name]) for name in own)
    assert not model.training
    cfg.model.backbone.widths = (4, 4, 8, 8, 8, 12)
    with pytest.raises(CheckpointError, match='does not fit the model'):
        load_model(cfg, tmp_path / 'stage_1.pth')


def test_attention_is_that_of_each_layer_on_its_input(network):
    cfg, model, _ = network
    loader = Runner.build_dataloader(cfg.test_dataloader)
    seen = observe(model, loader)
    (batch,) = loader
    with torch.no_grad():
        x = model.data_preprocessor(batch, False)['inputs']
        for index, block in enumerate(model.backbone.blocks):
            x = block.conv(x)
            expected = block.bn.attention(x)
            np.testing.assert_allclose(seen.attention[f'backbone.blocks.{index}.bn'], expected, atol=1e-6)
            x = block.pool(block.act(block.bn(x)))
    np.testing.assert_allclose(seen.features, x.flatten(1), atol=1e-5)
    assert len(seen.domains) == len(seen.subsets) == 4
    assert set(seen.domains) <= {'frontal', 'left', 'right'}
    assert not any(module._forward_hooks for module in model.modules())
    without = observe(model, [batch], with_features=False)
    assert without.features.shape == (4, 0)
    assert all(np.array_equal(without.attention[name], weights) for name, weights in seen.attention.items())


def test_a_network_without_attention_is_refused_before_it_runs():
    with pytest.raises(ValueError, match='no norm layer with attention'):
        observe(torch.nn.BatchNorm2d(3), iter([None]), with_features=False)


def made_up():
    """Two faces of each pose; the attention of frontal faces is one-hot, that of the others uniform."""
    weights = np.full((6, 2, 1), 0.5, np.float32)
    weights[:2, :, 0] = (1, 0)
    domains = ['frontal', 'frontal', 'left', 'left', 'right', 'right']
    return Observation(
        {'layer': weights}, np.zeros((6, 3), np.float32), domains, [('blur',), (), ('blur',), (), (), ()]
    )


def test_weights_are_summed_up_by_pose_and_subset():
    records = {(r['faces'], r['route']): r for r in attention_weights(made_up())}
    assert list(dict.fromkeys(faces for faces, _ in records)) == ['all', 'frontal', 'left', 'right', 'subset blur']
    assert records['all', 0]['mean'] == pytest.approx(4 / 6)
    assert records['all', 0]['deviation'] == pytest.approx(np.std([1, 1, 0.5, 0.5, 0.5, 0.5]))
    assert (records['frontal', 0]['mean'], records['frontal', 1]['deviation'], records['frontal', 0]['count']) == (
        1,
        0,
        2,
    )
    assert records['subset blur', 1]['mean'] == pytest.approx(0.25)


def test_a_network_without_attention_is_named():
    with pytest.raises(ValueError, match='no norm layer with attention'):
        attention_weights(Observation({}, np.zeros((1, 1), np.float32), ['left'], [()]))


def test_apart_features_stay_apart_and_fewer_than_five_are_refused():
    pytest.importorskip('sklearn')
    features = np.random.default_rng(0).normal(size=(60, 80))
    features[30:] += 20
    points = embed(features)
    centres = points[:30].mean(0), points[30:].mean(0)
    nearest = [np.argmin([np.linalg.norm(point - centre) for centre in centres]) for point in points]
    assert nearest == [0] * 30 + [1] * 30
    with pytest.raises(ValueError, match=r'at least 5 faces. Got 4'):
        embed(features[:4])


def test_figures_are_written(tmp_path):
    plot_attention(made_up(), tmp_path / 'a.png', 'attention')
    plot_embedding(np.zeros((2, 2)), ['left', 'unknown'], tmp_path / 'b.png', 'features')
    assert all((tmp_path / name).stat().st_size > 5000 for name in ('a.png', 'b.png'))


@pytest.mark.slow
def test_the_tool_writes_a_figure_and_its_numbers(run_tool, tmp_path):
    tiny = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
    run_tool('tools/train.py', tiny, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=1')
    for kind in ('similarity', 'routes', 'attention', 'gradients'):
        output = run_tool('tools/analyze.py', kind, tiny, 'run/epoch_1.pth', '--out', 'out')
        assert f'written: out/{kind}.png, out/{kind}.csv' in output
    lines = (tmp_path / 'out' / 'attention.csv').read_text().splitlines()
    assert len(lines) > 6 * 2 * 3 * 4
    workers = ('--cfg-options', 'train_dataloader.num_workers=2')
    run_tool('tools/analyze.py', 'gradients', tiny, 'run/epoch_1.pth', '--out', 'again', *workers)
    assert (tmp_path / 'again' / 'gradients.csv').read_text() == (tmp_path / 'out' / 'gradients.csv').read_text()
    failed = run_tool('tools/analyze.py', 'features', tiny, 'run/epoch_1.pth', '--out', 'out', expect=1)
    assert 'error: embed(features=) needs at least 5 faces. Got 4' in failed
    none = ('--cfg-options', 'test_dataloader=None')
    failed = run_tool('tools/analyze.py', 'attention', tiny, 'run/epoch_1.pth', '--out', 'out', *none, expect=1)
    assert 'error: The config must have a test_dataloader. Got None.' in failed


def test_variance_explained_is_what_lies_not_within_the_groups():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(3), size=(40, 2)).transpose(0, 2, 1)
    labels = [('left', 'frontal', 'right')[index % 3] for index in range(40)]
    weights[::3] *= 0.5
    within = total = 0.0
    for k, g in np.ndindex(3, 2):
        column = weights[:, k, g].tolist()
        total += sum((value - sum(column) / 40) ** 2 for value in column)
        for name in set(labels):
            own = [value for value, label in zip(column, labels, strict=True) if label == name]
            within += sum((value - sum(own) / len(own)) ** 2 for value in own)
    assert variance_explained(weights, labels) == pytest.approx(1 - within / total)
    assert 0.05 < 1 - within / total < 0.95


def test_variance_explained_at_its_ends():
    labels = ['left'] * 3 + ['right'] * 5
    by_pose = np.array([0.2] * 3 + [0.8] * 5).reshape(8, 1, 1)
    assert variance_explained(by_pose, labels) == pytest.approx(1)
    assert variance_explained(by_pose, ['all'] * 8) == 0
    assert variance_explained(np.full((8, 3, 4), 1 / 3, np.float32), labels) == 0


def test_layers_with_one_set_of_scale_and_shift_have_no_attention_to_look_at():
    layers = [SepBN(8, num_routes=1), SepBN(8), AttentiveNorm(8, num_components=1), AttentiveNorm(8, num_components=2)]
    assert list(attention_layers(torch.nn.Sequential(*layers, torch.nn.BatchNorm2d(8)))) == ['1', '3']
