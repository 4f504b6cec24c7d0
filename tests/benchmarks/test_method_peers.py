import json
import re
from pathlib import Path
from types import SimpleNamespace

import mmpose
import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.registry import init_default_scope
from mmpose.structures import PoseDataSample
from torch import nn

from benchmarks.method import peers, peers_costs
from benchmarks.method.peers import Peer, Shown
from mmsepbn.experiments.table import read_table
from mmsepbn.protocols import FACE_300W

TABLES = ROOT / 'benchmarks' / 'method' / 'tables'


def td_reg_config():
    return Config.fromfile(ROOT / 'benchmarks' / 'method' / 'configs' / 'faces300w_peers.py')


def mmpose_config(name):
    """A file of MMPose's own for faces."""
    [path] = Path(mmpose.__file__).parent.glob(f'.mim/configs/face_2d_keypoint/*/{name}')
    return path


def record(nme, fr, auc):
    metrics = {'300w/NME': nme, '300w/FR_0.10': fr, '300w/AUC_0.10': auc, '300w/common/NME': 99.0}
    return dict(metrics=dict(test=metrics), parameters=2_400_000)


def test_rows_of_ours_are_means_over_seeds_with_their_costs():
    results = {
        'plain': {'BN': [record(4.0, 0.0, 0.6), record(5.0, 1.0, 0.5)], 'later': []},
        'strong': {'BN (stale)': [record(3.0, 0.0, 0.7)], 'other': [record(9.0, 9.0, 0.1)]},
    }
    shown = [Shown('plain', 'A', '2,012'), Shown('strong', 'B', '50', ('BN',)), Shown('not there', 'C', '1')]
    costs = {'plain': {'BN': dict(milliseconds=3.5, macs=98e6)}, 'strong': {'other': dict(milliseconds=1.0, macs=1)}}
    common = dict(boxes='official', parameters=2_400_000)
    assert list(peers.of_records(results, costs, shown)) == [
        Peer(
            '**A: BN**', 4.5, '2,012', source='`run.py plain`', fr=0.5, auc=0.55, macs=98e6, milliseconds=3.5, **common
        ),
        Peer('**B: BN (stale)**', 3.0, '50', source='`run.py strong`', fr=0.0, auc=0.7, **common),
    ]


def test_networks_of_the_zoo_are_shown_where_they_were_tested():
    rows = {'300w/NME': 9.0, '300w/common/NME': 3.93, '300w/common/FR_0.10': 0.0}
    known = SimpleNamespace(name='known', network=dict(parameters=5), results={'annotated boxes': rows})
    others = [
        SimpleNamespace(name='other', results=dict(found)) for found in ({}, {'annotated boxes': {'wflw/NME': 5}})
    ]
    costs = {'zoo': {'known': dict(milliseconds=2.0, macs=7)}}
    [peer] = peers.of_zoo([*others, known], costs)
    assert (peer.nme, peer.fr, peer.auc, peer.macs, peer.milliseconds, peer.parameters) == (3.93, 0.0, None, 7, 2.0, 5)
    assert peer.name == '**known**, bundled with the package'


def test_the_table_ends_with_the_best_and_leaves_empty_what_is_not_stated():
    lines = peers.markdown(
        [
            Peer('best', 2.914, '3,148', 'true', 'A', macs=4.34e9, parameters=9.3e6),
            Peer('worst', 4.5, '9', 'x', 'B', fr=0.18, auc=0.6071, macs=97_968_128, milliseconds=12.34),
        ]
    ).splitlines()
    assert [len(line.split('|')) for line in lines] == [12] * 4
    assert lines[2] == '| worst | 4.50 | 0.18 | 0.607 | 98 M |  | 12.3 | 9 | x | B |'
    assert lines[3] == '| best | 2.91 |  |  | 4.34 G | 9.3 M |  | 3,148 | true | A |'


def test_every_published_figure_has_a_source_that_does_not_move():
    entries = peers.published(peers.PUBLISHED)
    assert len({(each.name, each.source) for each in entries}) == len(entries) > 5
    for each in entries:
        assert re.search(r'arXiv:\d{4}\.\d{5}, |github\.com/\S+ at [0-9a-f]{7}$|^MMPose \d\.\d\.\d, ', each.source)
        assert 2 < each.nme < 10
        assert each.faces
        assert each.boxes


def test_td_reg_is_mmposes_recipe_for_68_landmarks_on_30_epochs():
    recipe, ours = Config.fromfile(mmpose_config('wflw/td-reg_res50_8xb64-210e_wflw-256x256.py')), td_reg_config()
    text = recipe.pretty_text.replace('256', '128').replace('in_channels=2048', 'in_channels=1280')
    recipe = Config.fromstring(text.replace('num_joints=98', 'num_joints=68'), '.py')
    del recipe.model.backbone, ours.model.backbone, recipe.model.train_cfg
    assert ours.model == recipe.model
    for name in ('train_dataloader', 'test_dataloader'):
        assert ours[name].dataset.pipeline == recipe[name].dataset.pipeline
    assert ours.optim_wrapper == recipe.optim_wrapper
    warm_up, steps = recipe.param_scheduler
    steps.update(end=30, milestones=[round(30 * epoch / recipe.train_cfg.max_epochs) for epoch in steps.milestones])
    assert ours.param_scheduler == [warm_up, steps]
    assert ours.train_cfg.max_epochs == 30


def test_mmposes_figure_is_that_of_its_own_metafile():
    [model] = load(mmpose_config('300w/hrnetv2_300w.yml'))['Models']
    [ours] = [each for each in peers.published(peers.PUBLISHED) if each.source.startswith('MMPose')]
    assert ours.source.endswith(f', {model["Name"]}')
    assert ours.nme == model['Results'][0]['Metrics']['NME common']


def test_every_row_that_may_be_shown_has_its_costs():
    costs = json.loads(peers.COSTS.read_text())['costs']
    for shown in peers.SHOWN:
        table = read_table(TABLES / f'{shown.table}.py', rows=shown.rows)  # which refuses unknown rows
        assert {row.name for row in table.rows} == costs[shown.table].keys()
    assert {network.name for network in peers.read_index(peers.FOLDER)} == costs[peers.ZOO].keys()


def multiply_accumulates_of_layers(network, *inputs):
    """Counted from the outputs' sizes by hooks."""
    total = []

    def count(layer, _, output):
        if isinstance(layer, nn.Conv2d):
            total.append(output.shape[2:].numel() * layer.weight.numel())
        elif isinstance(layer, nn.Linear):
            total.append(layer.weight.numel())

    hooks = [layer.register_forward_hook(count) for layer in network.modules()]
    network(*inputs)
    for hook in hooks:
        hook.remove()
    return sum(total)


@torch.no_grad()
def test_what_is_timed_is_all_that_mmpose_computes():
    init_default_scope('mmpose')
    torch.manual_seed(0)
    network = peers_costs.crop_network(td_reg_config().model)
    model, head = network.model, network.model.head.branches['300w']
    crops = torch.rand(4, 1, 1, 3).mul(256).to(torch.uint8).repeat(1, 128, 128, 1)
    crops[:, 32:64, :32] = 0  # neither symmetric nor grey
    metainfo = dict(flip_indices=FACE_300W.flip_indices, input_size=(128, 128))
    samples = [PoseDataSample(metainfo=metainfo) for _ in crops]
    packed = dict(inputs=[crop.permute(2, 0, 1) for crop in crops], data_samples=samples)
    x = model.data_preprocessor(packed)['inputs']
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    model.train().extract_feat(x)  # statistics with which faces differ
    model.eval()

    [landmarks] = network(crops)
    feats = [model.extract_feat(x), model.extract_feat(x.flip(-1))]
    predicted = head.predict(feats, samples, test_cfg=model.test_cfg)
    assert landmarks.std(dim=0).mean() > 1
    np.testing.assert_allclose(landmarks, np.concatenate([each.keypoints for each in predicted]), atol=2e-3)


@pytest.mark.slow
def test_costs_are_those_of_both_passes():
    model = Config.fromfile(ROOT / 'configs' / '_base_' / 'models' / 'bn_vanilla_small.py').model
    model.head.protocols, model.test_cfg.flip_test = ['300w'], True
    init_default_scope('mmpose')
    found = peers_costs.cost(model)
    with torch.no_grad():
        crop = torch.zeros(1, 128, 128, 3, dtype=torch.uint8)
        counted = multiply_accumulates_of_layers(peers_costs.crop_network(model), crop)
    assert found['macs'] == counted
    assert found['milliseconds'] > 0
