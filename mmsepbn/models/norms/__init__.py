"""Norm layers."""

from mmsepbn.models.norms.attentive_norm import AttentiveNorm as AttentiveNorm
from mmsepbn.models.norms.brute_force_sepbn import BruteForceSepBN as BruteForceSepBN
from mmsepbn.models.norms.replace import replace_norms as replace_norms
from mmsepbn.models.norms.sepbn import SepBN as SepBN
from mmsepbn.models.norms.simple_sepbn import SimpleSepBN as SimpleSepBN
