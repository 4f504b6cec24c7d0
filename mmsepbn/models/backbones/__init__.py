"""Backbones."""

from mmsepbn.models.backbones.mobilenet_v2 import MobileNetV2 as MobileNetV2
from mmsepbn.models.backbones.sepbn_backbone import SepBNBackbone as SepBNBackbone
from mmsepbn.models.backbones.vanilla_cnn import VanillaCNN as VanillaCNN
