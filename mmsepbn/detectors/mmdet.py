"""Any detector of MMDetection, such as MMPose's for faces. It needs MMCV with its compiled operators."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import Found

if TYPE_CHECKING:
    from torch import nn

_LEAST_SCORE = 0.3


def mmdet_search(config: str, weights: str, device: str = 'cpu') -> Callable[[NDArray[np.uint8], float], Found]:
    """The search of a SearchingDetector, with scores.

    Args:
        config: a file of MMDetection, whose test pipeline is used.
        weights: a checkpoint of it, a file or an address, read as guardedly as those of landmark networks.
        device: of torch.

    Raises:
        ImportError: MMDetection, or MMCV's operators, are not installed.
        ValueError: the config is of no detector of faces, or the weights leave a part of it as it was initialized.
    """
    try:
        import mmcv._ext  # noqa: F401  # mmcv-lite lacks it
        from mmdet.apis import inference_detector
    except ImportError as error:
        raise ImportError(
            '--faces mmdet:CONFIG:WEIGHTS needs mmdet and the full mmcv, which has operators (mim install mmcv mmdet; '
            f'mmcv-lite has none). Got: {error}.'
        ) from None
    try:
        network, pipeline, face = _built(config, weights)
    except Exception as error:  # a config is Python code, and MMDetection takes it as it comes
        reason = textwrap.shorten(f'{type(error).__name__}: {error}', 400, placeholder=' ...')
        raise ValueError(
            '--faces mmdet:CONFIG:WEIGHTS must be a face detector of MMDetection and weights that fill it. '
            f'Got {config} and {weights}: {reason}'
        ) from error
    try:
        network.to(device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        raise ValueError(f'make_detector(device=) must be a device of this torch. Got {device!r}: {error}') from error
    return lambda image, smallest: faces_of(inference_detector(network, image, pipeline).pred_instances, face)


def _built(config: str, weights: str) -> tuple['nn.Module', Callable[[dict[str, Any]], Any], int]:
    """The network, its test pipeline for arrays, and the label of faces.

    As MMDetection's ``init_detector``, which tests what weights leave as it was initialized, and makes its own scope
    the default one of whatever is built afterwards.
    """
    from mmcv.transforms import Compose
    from mmdet.registry import MODELS
    from mmdet.utils import get_test_pipeline_cfg
    from mmengine.model.utils import revert_sync_batchnorm
    from mmengine.registry import DefaultScope
    from mmengine.runner import CheckpointLoader

    import mmsepbn.registry  # noqa: F401  # the guarded reading of checkpoints
    from mmsepbn.checkpoints.fit import state_of
    from mmsepbn.checkpoints.trained_config import meta_of
    from mmsepbn.config_file import read_config

    cfg = read_config(config)
    content = CheckpointLoader.load_checkpoint(weights, map_location='cpu', logger='silent')
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope') or 'mmdet'):
        network = revert_sync_batchnorm(MODELS.build(cfg.model)).eval()
        steps = get_test_pipeline_cfg(cfg)
        steps[0].type = 'mmdet.LoadImageFromNDArray'
        pipeline = Compose(steps)
    # What is left over are averages in files of old versions, or of parts that only training has.
    if missing := network.load_state_dict(state_of(content, network), strict=False).missing_keys:
        raise ValueError(f'{len(missing)} tensors are missing in the weights, such as {missing[0]}')
    network.cfg = cfg  # inference_detector asks for it
    heads = [module for name, module in network.named_modules() if 'bbox_head' in name]
    count = max((getattr(head, 'num_classes', 1) for head in heads), default=1)
    return network, pipeline, face_label(count, _class_names(meta_of(content)))


def _class_names(meta: Mapping[str, Any]) -> Sequence[str]:
    """The names of classes that a checkpoint notes, of MMDetection 3, or 2."""
    noted = meta.get('dataset_meta') or meta
    names = noted.get('classes') or noted.get('CLASSES') or ()
    return (names,) if isinstance(names, str) else names


def face_label(count: int, names: Sequence[str]) -> int:
    """The label of faces among ``count`` classes; the only one's, whatever its name: MMPose's detector has ``person``.

    Raises:
        ValueError: there are several, and none is named ``face``.
    """
    if count == 1:
        return 0
    for label, name in enumerate(names):
        if name.lower() == 'face':
            return label
    found = ', '.join(names[:3]) + ', ...' * (len(names) > 3) if names else 'no names'
    raise ValueError(f'a detector of {count} classes must have one that its weights name face. Got {found}')


def faces_of(instances: Any, face: int = 0) -> Found:
    """Of MMDetection's instances, with ``bboxes`` (N, 4), ``scores`` and ``labels`` (N,), those whose label is face."""
    boxes, scores, labels = (np.asarray(instances[name].cpu()) for name in ('bboxes', 'scores', 'labels'))
    faces = (labels == face) & (scores >= _LEAST_SCORE)
    return Found(boxes[faces].astype(np.float64).reshape(-1, 4), scores[faces].astype(np.float64))
