"""Norm layers, backbones and heads."""

from mmsepbn import registry as registry
from mmsepbn.models.backbones import VanillaCNN as VanillaCNN
from mmsepbn.models.heads import LandmarkRegressionHead as LandmarkRegressionHead
from mmsepbn.models.heads import MultiProtocolHead as MultiProtocolHead
from mmsepbn.models.norms import SepBN as SepBN
