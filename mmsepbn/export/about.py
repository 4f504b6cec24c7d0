"""Metadata of a trained network: its parts, its training, its results."""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from mmsepbn.apis.load_model import read_checkpoint
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.prediction_settings import prediction_settings
from mmsepbn.checkpoints.digest import weights_sha256
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.plain_config import LEFT_OUT
from mmsepbn.checkpoints.trained_config import meta_of, trained_config, without_folders
from mmsepbn.config_walk import walk
from mmsepbn.datasets.config_sets import dataset_configs
from mmsepbn.runtime.network import NetworkInfo
from mmsepbn.type_name import type_name

_PACKAGES = ('mmsepbn', 'torch', 'onnx', 'onnxscript', 'mmpose', 'mmengine')
_VERSION = re.compile(r'(.+?)??([0-9a-f]{40})?')  # MMEngine's, and the commit of the folder that it ran in
# Ends of names in a state dict that are not trained.
_BUFFERS = ('running_mean', 'running_var', 'num_batches_tracked', 'temperature')


def about_checkpoint(path: str | Path) -> tuple[NetworkInfo | None, dict[str, Any]]:
    """All metadata of a checkpoint, a file or an address, and its folder; without its config the first is None.

    Raises:
        FileNotFoundError, CheckpointError: it is missing, damaged, or holds no weights.
        ValueError: what was stored for its prediction belongs to another checkpoint.
    """
    content = read_checkpoint(path)
    state = content.get('state_dict', content)
    tensors = state.items() if isinstance(state, Mapping) else ()
    state = {str(name): value for name, value in tensors if isinstance(value, Tensor)}
    if not state:
        raise CheckpointError(f'{path} holds no weights.')
    half = any(value.dtype == torch.float16 for value in state.values())
    as_loaded = {name: value.float() if value.dtype == torch.float16 else value for name, value in state.items()}
    config, found = trained_config(content) or Config(), prediction_settings(path, content)
    info = None
    with suppress(ValueError):  # a network whose config was not kept, or is not one of ours
        info = replace(network_info(config), **found)
    about = about_content(path, content, config, as_loaded, half, trained=config)
    if reason := meta_of(content).get(LEFT_OUT):
        about['network']['config_left_out'] = reason
    return info, about


def about_content(
    path: str | Path,
    content: Mapping[str, Any],
    config: Config,
    state: Mapping[str, Tensor],
    half: bool,
    trained: Config | None = None,
) -> dict[str, Any]:
    """What is told of a network besides its use, of a checkpoint and in an ONNX file.

    Args:
        path: of the checkpoint, in whose folder results may lie.
        content: of the checkpoint.
        config: of the network.
        state: the weights as the network loads them.
        half: whether they are stored in half precision.
        trained: see :func:`about_training`.
    """
    return dict(
        weights_sha256=weights_sha256(state),
        network=about_network(config, state),
        training=about_training(content, trained),
        results=results_in_folder(Path(path)),
        precision=precision(half),
    ) | published_notes(content)


def about_network(config: Mapping[str, Any], state: Mapping[str, Tensor]) -> dict[str, Any]:
    """Classes of estimator, backbone, norms and branches by their config, and the number of trained parameters."""
    model = config.get('model') or {}
    backbone = model.get('backbone') or {}
    inner = backbone.get('backbone') or backbone  # of a SepBNBackbone
    norm_cfgs = (part.get('norm_cfg') for _, part in walk(backbone) if isinstance(part, Mapping))
    norms = [type_name(norm.get('type')) for norm in norm_cfgs if isinstance(norm, Mapping)]
    head = model.get('head') or {}
    branches = [head.get('branch') or {}, *(head.get('branches') or {}).values()]
    statistics = any(name.endswith('running_mean') for name in state)
    named = dict(
        estimator=type_name(model.get('type')),
        backbone=' '.join(str(part) for part in (type_name(inner.get('type')), inner.get('depth')) if part),
        norms=sorted(set(norms)) or ['BN'] * statistics,
        branches=sorted({type_name(branch['type']) for branch in branches if branch}),
    )
    return (named if model else {}) | dict(
        parameters=sum(value.numel() for name, value in state.items() if not name.endswith(_BUFFERS)),
    )


def about_training(checkpoint: Mapping[str, Any], trained: Config | None = None) -> dict[str, Any]:
    """A checkpoint's notes on its training: sets, epochs, seed, start, date, versions, as far as present.

    ``commit`` is that of the repository in whose folder the training was started, as MMEngine notes it.

    Args:
        checkpoint: its content.
        trained: its :func:`trained_config`, where that is known already.
    """
    meta = meta_of(checkpoint)
    config = (trained_config(checkpoint) or {}) if trained is None else trained
    mmengine, commit = _VERSION.fullmatch(str(meta.get('mmengine_version') or '')).groups()  # type: ignore[union-attr]
    sets = dict.fromkeys(use.name for use in dataset_configs(config) if use.training)
    known = dict(
        sets=list(sets),
        epochs=meta.get('epoch'),
        iterations=meta.get('iter'),
        seed=meta.get('seed'),
        started_from=without_folders(config.get('load_from')),
        date=_date(meta.get('time')),
        experiment=meta.get('experiment_name'),
        mmengine=mmengine,
        commit=commit,
    )
    return {name: value for name, value in known.items() if value not in (None, [])}


def published_notes(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Licence and results that :func:`half_checkpoint` noted; empty for a checkpoint of training."""
    notes = meta_of(checkpoint).get('about')
    if not isinstance(notes, Mapping) or not isinstance(notes.get('results'), Mapping):
        return {}
    results = {str(label): rows for label, content in notes['results'].items() if (rows := metric_rows(content))}
    return dict(licence=str(notes.get('licence')), results=results)


def precision(half: bool) -> str:
    """The precision of storage and of computation."""
    return 'weights float16, computed in float32' if half else 'float32'


def versions() -> dict[str, str]:
    """Versions of the packages that exporting uses, those that are installed."""
    found = {}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def results_in_folder(checkpoint: Path) -> dict[str, dict[str, float]]:
    """Metrics in the folder of a run: file name -> rows of FaceLandmarkMetric, as ``tools/test.py --out`` writes them.

    ``validation`` are those of training at the checkpoint's epoch, where its name says which that is.
    """
    found = {}
    for path in sorted(checkpoint.parent.glob('*.json')):
        with suppress(OSError, ValueError, RecursionError):
            if rows := metric_rows(json.loads(path.read_text(encoding='utf-8'))):
                found[path.name] = rows
    epoch = checkpoint.stem.rpartition('epoch_')[2]
    for path in sorted(checkpoint.parent.glob('*/vis_data/scalars.json')):
        for line in path.read_bytes().splitlines():
            with suppress(ValueError, RecursionError):
                logged = json.loads(line)
                if isinstance(logged, dict) and str(logged.get('step')) == epoch and (rows := metric_rows(logged)):
                    found['validation'] = rows
    return found


def metric_rows(content: Any) -> dict[str, float]:
    """The numbers of a mapping whose names are those of rows, as ``wflw/pose/NME``; empty where it has no NME."""
    if not isinstance(content, Mapping):
        return {}
    rows = {
        name: value
        for name, value in content.items()
        if '/' in name and not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
    }
    return rows if any(name.endswith('/NME') for name in rows) else {}


def _date(text: Any) -> str | None:
    """MMEngine's time, 20261126_072932, as 2026-11-26 07:29:32."""
    with suppress(TypeError, ValueError):
        return datetime.strptime(text, '%Y%m%d_%H%M%S').isoformat(' ')
    return None
