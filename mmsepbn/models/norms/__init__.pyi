from .attentive_norm import AttentiveNorm as AttentiveNorm
from .brute_force_sepbn import BruteForceSepBN as BruteForceSepBN
from .replace import replace_norms as replace_norms
from .sepbn import SepBN as SepBN
from .simple_sepbn import SimpleSepBN as SimpleSepBN
