"""Convolutions over channels-last maps."""

import torch
from mmengine.hooks import EMAHook
from mmengine.model import BaseModel
from torch import nn
from toy_training import toy_runner

from mmsepbn import ChannelsLastHook


class Convolutional(BaseModel):
    """The toy's task for a 2 x 2 image of one channel; says in which format its maps are."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 1))
        self.formats = []

    def forward(self, x, mode='tensor'):
        images = torch.stack(list(x)).reshape(-1, 1, 2, 2)
        maps = self.backbone(images)
        self.formats.append(maps.is_contiguous(memory_format=torch.channels_last) and not maps.is_contiguous())
        out = maps.mean(1).flatten(1)
        return dict(loss=(out - images.flatten(1)).square().mean()) if mode == 'loss' else list(out)


def trained(folder, *hooks):
    torch.manual_seed(1)
    model = Convolutional()
    toy_runner(folder, hooks=hooks, epochs=2, model=model).train()
    return model


def test_maps_are_channels_last_and_results_the_same(tmp_path):
    plain, changed = trained(tmp_path / 'a'), trained(tmp_path / 'b', ChannelsLastHook())
    assert not any(plain.formats)
    assert all(changed.formats)
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(changed.state_dict()[name], value, rtol=1e-4, atol=1e-5)


def test_the_mean_of_the_weights_has_the_format_too(tmp_path):
    average = EMAHook()
    trained(tmp_path, ChannelsLastHook(), average)
    weight = average.ema_model.module.backbone[2].weight
    assert weight.stride() == torch.empty(3, 4, 1, 1).to(memory_format=torch.channels_last).stride()
