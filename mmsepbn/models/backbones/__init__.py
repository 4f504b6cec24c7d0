"""Backbones."""

from mmsepbn.models.backbones.vanilla_cnn import VanillaCNN as VanillaCNN
