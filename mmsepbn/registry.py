"""Registries of the scope ``mmsepbn``: ``type='mmsepbn.X'`` in a config means "defined in this package".

MMEngine imports this module when it meets the scope and then :mod:`mmsepbn.components` on first use of a registry.
Configs name it in ``custom_imports`` as well, so that the adapters of :mod:`mmsepbn.compat` are installed before MMPose
imports its models.
"""

from mmengine import registry as root
from mmengine.registry import Registry
from mmpose import registry as mmpose

from mmsepbn import compat

compat.apply()

_LOCATIONS = ['mmsepbn.components']

MODELS = Registry('model', parent=root.MODELS, scope='mmsepbn', locations=_LOCATIONS)
DATASETS = Registry('dataset', parent=root.DATASETS, scope='mmsepbn', locations=_LOCATIONS)
TRANSFORMS = Registry('transform', parent=root.TRANSFORMS, scope='mmsepbn', locations=_LOCATIONS)
DATA_SAMPLERS = Registry('data sampler', parent=root.DATA_SAMPLERS, scope='mmsepbn', locations=_LOCATIONS)
METRICS = Registry('metric', parent=root.METRICS, scope='mmsepbn', locations=_LOCATIONS)
HOOKS = Registry('hook', parent=root.HOOKS, scope='mmsepbn', locations=_LOCATIONS)
OPTIM_WRAPPERS = Registry('optim_wrapper', parent=root.OPTIM_WRAPPERS, scope='mmsepbn', locations=_LOCATIONS)
KEYPOINT_CODECS = Registry('codec', parent=mmpose.KEYPOINT_CODECS, scope='mmsepbn', locations=_LOCATIONS)
