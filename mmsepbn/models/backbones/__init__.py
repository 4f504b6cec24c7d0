"""Backbones."""

from mmsepbn.models.backbones.sepbn_backbone import SepBNBackbone as SepBNBackbone
from mmsepbn.models.backbones.vanilla_cnn import VanillaCNN as VanillaCNN
