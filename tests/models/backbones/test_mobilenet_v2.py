"""MobileNetV2 with torchvision's weights: the features are those that torchvision computes."""

import pytest
import torch
import torchvision

from mmsepbn.models import SepBNBackbone
from mmsepbn.models.backbones.mobilenet_v2 import MobileNetV2, pose_name

IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def theirs(tmp_path):
    """torchvision's network with statistics and scales of its own, and its file."""
    torch.manual_seed(0)
    model = torchvision.models.mobilenet_v2()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_()
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    torch.save(model.state_dict(), tmp_path / 'mobilenet_v2.pth')
    return model.eval()


def test_all_260_tensors_are_renamed_one_to_one(theirs):
    theirs = [name for name in theirs.features.state_dict() if 'num_batches' not in name]
    ours = [name for name in MobileNetV2().state_dict() if 'num_batches' not in name]
    assert len(ours) == 260
    assert [pose_name(f'features.{name}', [1, 2, 3, 4, 3, 3, 1]) for name in theirs] == ours


def test_init_cfg_takes_the_file(theirs, tmp_path):
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'mobilenet_v2.pth'))
    model = MobileNetV2(init_cfg=init)
    model.init_weights()
    model.eval()  # which MMPose's class returns nothing of
    torch.testing.assert_close(model(IMAGES)[0], theirs.features(IMAGES))


@pytest.mark.slow
def test_sepbn_in_its_blocks_starts_as_the_pretrained_network(theirs, tmp_path, caplog):
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'mobilenet_v2.pth'))
    model = SepBNBackbone(
        dict(type='mmsepbn.MobileNetV2', init_cfg=init), dict(type='mmsepbn.SepBN', init_std=0.0), positions=(3,)
    )
    model.init_weights()
    torch.testing.assert_close(model.eval()(IMAGES)[0], theirs.features(IMAGES), atol=1e-3, rtol=1e-4)


def test_its_own_names_pass_unchanged():
    torch.manual_seed(1)
    first, second = MobileNetV2(), MobileNetV2()
    second.load_state_dict(first.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
