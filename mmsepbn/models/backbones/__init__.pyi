from .mobilenet_v2 import MobileNetV2 as MobileNetV2
from .sepbn_backbone import SepBNBackbone as SepBNBackbone
from .vanilla_cnn import VanillaCNN as VanillaCNN
