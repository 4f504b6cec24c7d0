from .sepbn_backbone import SepBNBackbone as SepBNBackbone
from .vanilla_cnn import VanillaCNN as VanillaCNN
