"""A trained network as a checkpoint for distribution: weights in half precision, and their metadata."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from mmsepbn.checkpoints.trained_config import meta_of, portable_text
from mmsepbn.fitted.plain import plain_of
from mmsepbn.runtime.network import NetworkInfo

_KEPT = ('epoch', 'iter', 'seed', 'time', 'experiment_name', 'mmengine_version')


def half_checkpoint(
    content: Mapping[str, Any],
    state: Mapping[str, Tensor],
    config: Config,
    info: NetworkInfo,
    results: Mapping[str, Mapping[str, float]],
    licence: str,
) -> dict[str, Any]:
    """The content to save: only tensors and plain values, without the training state.

    Args:
        content: the checkpoint of the training, of which notes such as seed and date are kept.
        state: the network's weights.
        config: of the network; the checkpoint carries it.
        info: how the network is used, with its box maps.
        results: label -> rows of FaceLandmarkMetric.
        licence: a line.
    """
    notes = {name: value for name, value in meta_of(content).items() if name in _KEPT}
    own = dict(
        cfg=portable_text(config),
        prediction=plain_of(info.box_maps, info.calibration),
        about=dict(licence=licence, results={label: dict(rows) for label, rows in results.items()}),
    )
    return dict(meta=notes | own, state_dict={name: _halved(value) for name, value in state.items()})


def _halved(value: Tensor) -> Tensor:
    """As in an exported file: matrices and kernels. Vectors, as statistics and biases, take little room."""
    return value.to(torch.float16) if value.dtype == torch.float32 and value.ndim > 1 else value
