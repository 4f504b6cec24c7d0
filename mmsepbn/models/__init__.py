"""Norm layers, backbones, heads and estimators."""

from mmsepbn import registry as registry
from mmsepbn.models.backbones import SepBNBackbone as SepBNBackbone
from mmsepbn.models.backbones import VanillaCNN as VanillaCNN
from mmsepbn.models.estimators import DomainRoutedEstimator as DomainRoutedEstimator
from mmsepbn.models.heads import LandmarkRegressionHead as LandmarkRegressionHead
from mmsepbn.models.heads import MultiProtocolHead as MultiProtocolHead
from mmsepbn.models.norms import AttentiveNorm as AttentiveNorm
from mmsepbn.models.norms import BruteForceSepBN as BruteForceSepBN
from mmsepbn.models.norms import SepBN as SepBN
from mmsepbn.models.norms import SimpleSepBN as SimpleSepBN
