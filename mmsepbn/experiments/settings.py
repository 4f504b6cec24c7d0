"""The settings of a run that determine its result, and the differences between two of them."""

import copy
import functools
import inspect
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmsepbn.config_walk import walk
from mmsepbn.datasets.root_variables import ROOT_VARIABLES
from mmsepbn.run_settings.readers import initializing, readers_of
from mmsepbn.type_name import type_name

# What a result depends on; the rest of a config is for logging or is taken up by these.
_DECIDING = (
    'model',
    'train_dataloader',
    'val_dataloader',
    'test_dataloader',
    'val_evaluator',
    'test_evaluator',
    'optim_wrapper',
    'param_scheduler',
    'train_cfg',
    'custom_hooks',
    'randomness',
    'load_from',
)
# Likewise, but left out where they are not set.
_DECIDING_WHERE_SET = (
    'data_preprocessor',
    'sync_bn',
    'compile',
    'activation_checkpointing',
    'efficient_conv_bn_eval',
    'model_wrapper_cfg',
    'val_cfg',
    'test_cfg',
)
# Hooks of configs/_base_/default_runtime.py that decide no result as they stand there, or never do.
_USUAL_HOOKS = dict(
    param_scheduler='ParamSchedulerHook',
    sampler_seed='DistSamplerSeedHook',
    epoch_seed='EpochSeedHook',
    keep_branch='KeepBranchHook',
    sync_buffers='SyncBuffersHook',
)
_IDLE_HOOKS = (
    *('timer', 'logger', 'checkpoint', 'exact_checkpoint', 'folder_lock', 'stop_signal', 'workers', 'finite'),
    *('visualization', 'temperature'),
)
# Parts of these that change no result: runs are measured at their end alone, samples do not depend on the workers.
_UNUSED = dict(
    train_cfg=('val_begin', 'val_interval'),
    randomness=('seed',),
    **dict.fromkeys(
        ('train_dataloader', 'val_dataloader', 'test_dataloader'),
        ('num_workers', 'persistent_workers', 'pin_memory', 'prefetch_factor'),
    ),
)
# Stage-1 configs have it for MMPose's browse_dataset.py alone: each set packs like that, so it changes nothing.
_ALWAYS_PACKED = [dict(type='mmsepbn.PackFaceInputs')]
# Packages whose defaults are left out: they change with the version, which the record names.
_WITH_VERSIONS = frozenset(('builtins', 'mmcv', 'mmdet', 'mmengine', 'mmpose', 'mmpretrain', 'torch', 'torchvision'))
# Of other kinds, such as functions, the text may differ with each start.
_COMPARABLE = (bool, int, float, str, Path, list, tuple, Mapping, type(None))

# Where a typed dict has the defaults of its class, so that a changed default shows.
_DEFAULTS = '_defaults'

Settings = dict[str, Any]


def deciding_settings(config: Config, before: Settings | None = None) -> Settings:
    """The settings of a config that determine a result, as plain data: no seed, file locations or unused data sets.

    Args:
        config: the config, best read within :func:`without_roots`.
        before: settings of the run whose checkpoint it starts from.
    """
    everything = copy.deepcopy(config.to_dict())
    kept = {key: _without_unused(key, everything.get(key)) for key in _DECIDING}
    kept |= {key: everything[key] for key in _DECIDING_WHERE_SET if everything.get(key)}
    kept['custom_hooks'] = kept['custom_hooks'] or []
    kept['temperature'] = _annealing(everything)
    if hooks := _other_hooks(everything):
        kept['default_hooks'] = hooks
    if (everything.get('auto_scale_lr') or {}).get('enable'):
        kept['auto_scale_lr'] = everything['auto_scale_lr']
    if before is None:
        return with_defaults(_plain(kept))
    del kept['load_from']
    return {**with_defaults(_plain(kept)), 'before': before}


def _annealing(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """The default hook with what the config's ``temperature`` says where it asks for it; None where nothing anneals."""
    hook, settings = (config.get('default_hooks') or {}).get('temperature'), config.get('temperature')
    if hook is None or not hook.get('from_config'):
        return hook
    return None if settings is None else {**hook, **settings}


def _other_hooks(config: Mapping[str, Any]) -> dict[str, Any]:
    """Default hooks that our runtime does not have, and those of it that are switched off or set otherwise."""
    hooks = config.get('default_hooks') or {}
    return {name: hook for name, hook in hooks.items() if name not in _IDLE_HOOKS and not _is_usual(name, hook)}


def _is_usual(name: str, hook: Mapping[str, Any] | None) -> bool:
    """Whether a hook is that of our runtime with the defaults of its class, spelled out or not."""
    if hook is None or type_name(hook.get('type')) != _USUAL_HOOKS.get(name):
        return False
    defaults = _defaults(str(hook['type']))
    return all(key in defaults and defaults[key] == value for key, value in hook.items() if key != 'type')


@contextmanager
def without_roots() -> Iterator[None]:
    """Within the block no variable of the environment says where data sets lie."""
    before = {name: os.environ.pop(name) for name in ROOT_VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)


def changes(then: Any, now: Any, place: str = '') -> list[str]:
    """The differences between two settings, one per line.

    A default that one of them lacks is no difference: the code has got a parameter, or lost one.
    """
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return _changes_of_dicts(then, now, f'{place}.' if place else '')
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [line for index, pair in pairs for line in changes(*pair, f'{place}.{index}')]
    return [f'{place} was {_short(then)}, is {_short(now)}'] if then != now else []


def _changes_of_dicts(then: Mapping[str, Any], now: Mapping[str, Any], place: str) -> list[str]:
    found = []
    old, new = ({**part.get(_DEFAULTS, {}), **part} for part in (then, now))
    for key in {**old, **new}.keys() - {_DEFAULTS}:
        if key == 'type' and _give_the_same_numbers(old.get(key), new.get(key)):
            continue
        if key in old and key in new:
            found += changes(old[key], new[key], f'{place}{key}')
        elif key in then:
            found.append(f'{place}{key} was {_short(then[key])}, is not set')
        elif key in now:
            found.append(f'{place}{key} was not set, is {_short(now[key])}')
    return sorted(found)


def _give_the_same_numbers(then: Any, now: Any) -> bool:
    """Whether two types are one class by several names, or classes of which one states that it computes alike."""
    if then == now:
        return True
    old, new = ([_computed(reader) for reader in readers_of(each)] for each in (then, now))
    return old == new != []


def _computed(reader: Any) -> Any:
    return getattr(reader, '__dict__', {}).get('same_numbers_as', reader)  # heirs may compute otherwise


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f'{text[:57]}...'


def _without_unused(key: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for idle in _UNUSED.get(key, ()):
        value.pop(idle, None)
    dataset = value.get('dataset')
    if isinstance(dataset, dict) and isinstance(dataset.get('datasets'), dict):
        if dataset.get('pipeline') == _ALWAYS_PACKED:
            del dataset['pipeline']
        used = dataset.get('use') or dataset['datasets']
        dataset['datasets'] = {name: each for name, each in dataset['datasets'].items() if name in used}
    return value


def _plain(value: Any) -> Any:
    """Values as JSON has them; of an absolute path the name alone, of a file that of its folder too."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str | Path):
        path = Path(value)
        return '/'.join(path.parts[-2 if path.suffix else -1 :]) if path.is_absolute() else str(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def with_defaults(value: Any) -> Any:
    """Settings, completed with the defaults of this package's and the user's classes."""
    if isinstance(value, list):
        return [with_defaults(each) for each in value]
    if not isinstance(value, dict):
        return value
    stated = {key: with_defaults(each) for key, each in value.items()}
    kind = value.get('type')
    defaults = {key: each for key, each in _defaults(kind).items() if key not in value} if isinstance(kind, str) else {}
    return {**stated, _DEFAULTS: defaults} if defaults else stated


@functools.cache
def _defaults(kind: str) -> Mapping[str, Any]:
    """The defaults of a class of this package or the user's, with those of its bases that it hands keywords on to."""
    found: dict[str, Any] = {}
    ours = [reader for reader in readers_of(kind) if inspect.isclass(reader) and not _is_foreign(reader)]
    for base in initializing(ours[0]) if ours else ():
        if not _is_foreign(base):
            for parameter in inspect.signature(base.__init__).parameters.values():
                if all(isinstance(part, _COMPARABLE) for _, part in walk(parameter.default)):
                    found.setdefault(parameter.name, _plain(parameter.default))
    return found


def _is_foreign(part: type) -> bool:
    return part.__module__.partition('.')[0] in _WITH_VERSIONS
