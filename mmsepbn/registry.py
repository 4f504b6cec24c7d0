"""Registries of the scope ``mmsepbn``: ``type='mmsepbn.X'`` in a config means "defined in this package".

MMEngine imports this module when it meets the scope and then imports each registry's ``locations`` on first use.
Configs name it in ``custom_imports`` as well, so that the adapters of :mod:`mmsepbn.compat` stand before MMPose
imports its models.
"""

from mmengine import registry as root
from mmengine.registry import Registry
from mmpose import registry as mmpose

from mmsepbn import compat

compat.apply()

MODELS = Registry('model', parent=root.MODELS, scope='mmsepbn', locations=['mmsepbn.models'])
DATASETS = Registry('dataset', parent=root.DATASETS, scope='mmsepbn', locations=['mmsepbn.datasets'])
TRANSFORMS = Registry('transform', parent=root.TRANSFORMS, scope='mmsepbn', locations=['mmsepbn.datasets'])
DATA_SAMPLERS = Registry('data sampler', parent=root.DATA_SAMPLERS, scope='mmsepbn', locations=['mmsepbn.datasets'])
METRICS = Registry('metric', parent=root.METRICS, scope='mmsepbn', locations=['mmsepbn.evaluation'])
HOOKS = Registry('hook', parent=root.HOOKS, scope='mmsepbn', locations=['mmsepbn.engine'])
KEYPOINT_CODECS = Registry('codec', parent=mmpose.KEYPOINT_CODECS, scope='mmsepbn', locations=['mmsepbn.codecs'])
