"""Separable Batch Normalization and Cross-protocol Network Training for facial landmarks, as an MMPose plugin.

``mmsepbn.SepBN`` and the other public classes are imported on first use. Importing this package
alone loads neither torch nor MMEngine; where MMEngine is loaded, as by a config's ``custom_imports``, it registers
the components.
"""

import sys

import lazy_loader

__version__ = '0.1.0'

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # names: __init__.pyi

if 'mmengine' in sys.modules:
    from mmsepbn import registry as registry
