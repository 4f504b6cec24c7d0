"""Whole networks of the configs, with SepBN and with what it is compared with in its places."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.registry import MODELS
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from torch import nn

from benchmarks.speed.layers import BatchNormSE, KBatchNorms, Setting
from benchmarks.speed.measure import Call
from mmsepbn.config_file import read_config, use_scope
from mmsepbn.protocols import get_protocol

NETWORKS = {
    'Vanilla CNN': 'configs/sepbn_vanilla_wflw.py',
    'MobileNetV2': 'configs/sepbn_mobilenetv2_wflw.py',
    'ResNeXt-50': 'configs/sepbn_resnext50_wflw.py',
}
# In place of SepBN; None leaves it.
NORMS: dict[str, dict[str, Any] | None] = {
    'BN': dict(type='BN'),
    'SepBN': None,
    'K BatchNorms': dict(type=KBatchNorms),
    'BN + SE': dict(type=BatchNormSE),
}


def network_config(config: str, norm: dict[str, Any] | None, small: bool = False) -> dict[str, Any]:
    """The model of a config with random weights; ``small``: Vanilla CNN at a tenth of its width."""
    cfg = read_config(config)
    use_scope(cfg)
    model = cfg.model
    backbone = model.backbone
    backbone.get('backbone', backbone).init_cfg = None  # the weights of a hub change no time
    if norm is not None:
        backbone.norm_cfg = norm
    if small:
        backbone.widths = (8, 16, 24, 48, 96, 192)
        model.head.branch.update(in_channels=192, hidden_channels=(64,))
    return model


def build_network(config: dict[str, Any], device: torch.device) -> nn.Module:
    """The network, with torch's random weights."""
    return MODELS.build(config).to(device)


def faces_of(protocols: Sequence[str], device: torch.device) -> list[PoseDataSample]:
    """What a face's annotation tells the head; one face for each name."""
    samples = []
    for name in protocols:
        count = get_protocol(name).num_landmarks
        labels = InstanceData(
            keypoint_labels=torch.rand(1, count, 2, device=device) * 128,
            keypoint_weights=torch.ones(1, count, device=device),
        )
        samples.append(PoseDataSample(metainfo=dict(protocol=name), gt_instance_labels=labels))
    return samples


def network_call(model: nn.Module, batch: int, training: bool, device: torch.device, setting: Setting) -> Call:
    """A step of SGD on a batch of crops, or their prediction."""
    model = model.to(memory_format=setting.memory_format).train(training)
    crops = torch.randn(batch, 3, 128, 128, device=device).to(memory_format=setting.memory_format)
    samples = faces_of([next(iter(model.head.branches))] * batch, device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6, momentum=0.9)
    if setting.compiled:
        model.backbone.compile()

    def step() -> None:
        with setting.autocast(device):
            loss, _ = model.parse_losses(model(crops, samples, mode='loss'))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    @torch.no_grad()
    def predict() -> None:
        with setting.autocast(device):
            model(crops, None, mode='tensor')

    return step if training else predict
