"""Which keys of a config are read.

MMEngine and MMPose take a whole config and read what they know. So a misspelled key changes nothing, or ends in a
TypeError hours later. Here the keys are compared with the constructors and methods that will get them.
"""

import functools
import inspect
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, LogProcessor, Runner, TestLoop, ValLoop
from mmengine.utils.dl_utils import set_multi_processing
from mmengine.visualization import Visualizer
from torch.utils.data import DataLoader

from mmsepbn.config_walk import walk
from mmsepbn.engine.hooks.temperature_annealing_hook import ANNEALING
from mmsepbn.run_settings.readers import Reader, accepted_names, names_of, quoted, readers_of
from mmsepbn.suggestion import suggestion

# What Runner reads from its config besides its own parameters, and what inferencers and their tools read.
_READ_BESIDES = frozenset(
    (
        *('activation_checkpointing', 'compile', 'cudnn_benchmark', 'efficient_conv_bn_eval'),
        *('find_unused_parameters', 'model_wrapper_cfg', 'sync_bn'),
        *('data_mode', 'dataset_type', 'temperature', 'tta_model', 'tta_pipeline'),
    )
)
# What builders take out of a typed dict before its constructor gets the rest.
_OF_BUILDERS = frozenset(('type', '_scope_', 'requires_grad', 'convert_to_iter_based', 'priority', 'by_epoch'))
_OF_LOADERS = frozenset(('num_batch_per_epoch', 'disable_subprocess_warning'))
_OF_WRAPPERS = frozenset(('optimizer', 'paramwise_cfg', 'constructor'))
# The settings of a test that MMPose's heads share, whether or not the head of a config reads them.
_OF_TESTS = frozenset(('flip_test', 'flip_mode', 'shift_heatmap', 'shift_coords', 'output_heatmaps'))
# What is read of dicts that MMEngine passes on whole, by MMEngine 0.10; what the installed one reads is added from its
# source.
_OF_PARAMWISE = frozenset(
    (
        *('bias_lr_mult', 'bias_decay_mult', 'norm_decay_mult', 'flat_decay_mult', 'dwconv_decay_mult'),
        *('dcn_offset_lr_mult', 'bypass_duplicate', 'custom_keys'),
    )
)
_OF_ENVIRONMENTS = frozenset(('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'))
_OF_SCALING = frozenset(('enable', 'base_batch_size'))
# Their inner dicts name classes of other libraries.
_FOREIGN = frozenset(('Albumentation',))

# A place in the config, the dict there, and all that its ``type`` may mean.
Typed = tuple[str, Mapping[str, Any], tuple[Reader, ...]]


@functools.cache
def top_level_keys() -> frozenset[str]:
    """The keys of a whole config that MMEngine's Runner, MMPose's inferencers or this package's tools read."""
    return frozenset(inspect.signature(Runner.__init__).parameters) | _READ_BESIDES


def unread_keys(config: Config) -> list[str]:
    """A sentence for each nested key that is never read, with the place of the key in the config.

    Not checked: dicts without a known ``type`` at other places than MMEngine's, and classes that pass on all arguments.
    """
    found = [each for key in config if key in top_level_keys() for each in _typed(config[key], key)]
    return [*_untyped(config, found), *_of_classes(found), *_hooks_without_type(config)]


def _of_classes(found: list[Typed]) -> Iterator[str]:
    for place, part, readers in found:
        accepted = [names for reader in readers if (names := accepted_names(reader)) is not None]
        if len(accepted) < len(readers):  # one of them takes anything
            continue
        # Of classes with one name in several scopes the right one is among those that take most.
        known = min(accepted, key=lambda names: len(set(part) - names))
        yield from _unknown(place, part, known | _OF_BUILDERS, readers[0].__name__)


def _untyped(config: Config, found: list[Typed]) -> Iterator[str]:
    """What MMEngine reads at places of its own, where ``type`` may be missing."""
    for place, part, reader in (*_loops(config), *_optimizer(config), *_surroundings(config), *_model(config, found)):
        if isinstance(part, Mapping) and 'type' not in part:
            known = reader if isinstance(reader, frozenset) else names_of(reader)
            name = place.rpartition('.')[2] if isinstance(reader, frozenset) else reader.__name__
            yield from _unknown(place, part, known | _OF_BUILDERS, name)


Place = tuple[str, Any, Reader | frozenset[str]]


def _loops(config: Config) -> Iterator[Place]:
    train = _dict(config.get('train_cfg'))
    yield 'train_cfg', train, EpochBasedTrainLoop if train.get('by_epoch', True) else IterBasedTrainLoop
    yield 'val_cfg', config.get('val_cfg'), ValLoop
    yield 'test_cfg', config.get('test_cfg'), TestLoop
    for part in ('train', 'val', 'test'):
        yield f'{part}_dataloader', config.get(f'{part}_dataloader'), names_of(DataLoader) | _OF_LOADERS


def _optimizer(config: Config) -> Iterator[Place]:
    wrapper = _dict(config.get('optim_wrapper'))
    yield 'optim_wrapper', wrapper, names_of(OptimWrapper) | _OF_WRAPPERS
    paramwise = _dict(wrapper.get('paramwise_cfg'))
    if 'constructor' in wrapper:  # it has settings of its own
        return
    yield 'optim_wrapper.paramwise_cfg', paramwise, _OF_PARAMWISE | (quoted(DefaultOptimWrapperConstructor) or set())
    for key, value in _dict(paramwise.get('custom_keys')).items():
        yield f'optim_wrapper.paramwise_cfg.custom_keys.{key}', value, frozenset(('lr_mult', 'decay_mult'))


def _surroundings(config: Config) -> Iterator[Place]:
    environment = _dict(config.get('env_cfg'))
    yield 'env_cfg', environment, _OF_ENVIRONMENTS | (quoted(Runner.setup_env) or set())
    yield 'env_cfg.mp_cfg', environment.get('mp_cfg'), set_multi_processing
    yield 'randomness', config.get('randomness'), Runner.set_randomness
    yield 'temperature', config.get('temperature'), frozenset(ANNEALING)
    yield 'auto_scale_lr', config.get('auto_scale_lr'), _OF_SCALING | (quoted(Runner.scale_lr) or set())
    yield 'log_processor', config.get('log_processor'), LogProcessor
    yield 'visualizer', config.get('visualizer'), Visualizer


def _hooks_without_type(config: Config) -> Iterator[str]:
    hooks = _dict(config.get('default_hooks'))
    named = [name for name, hook in hooks.items() if isinstance(hook, Mapping) and 'type' not in hook]
    for name in named:
        yield f'default_hooks.{name} is never read: it has no type.{suggestion(name, {*hooks} - {*named})}'


def _model(config: Config, found: list[Typed]) -> Iterator[Place]:
    parts = [reader for place, _, readers in found if place.partition('.')[0] == 'model' for reader in readers]
    bases = [base for part in parts for base in getattr(part, '__mro__', (part,))]
    read = [words for base in bases if (words := quoted(base)) is not None]
    if read or not bases:  # else there are no sources, and heads read settings of their own
        yield 'model.test_cfg', _dict(config.get('model')).get('test_cfg'), _OF_TESTS.union(*read)


def _dict(part: Any) -> Mapping[str, Any]:
    return part if isinstance(part, Mapping) else {}


def _unknown(place: str, part: Mapping[str, Any], known: Collection[str], reader: str) -> Iterator[str]:
    for key in part:
        if key not in known:
            yield f'{place}.{key} is never read: {reader} has no {key!r}.{suggestion(str(key), known)}'


def _typed(part: Any, place: str) -> Iterator[Typed]:
    """Each dict with a ``type`` that registries know."""
    for inner, each in walk(part, place, _is_ours):
        kind = each.get('type') if isinstance(each, Mapping) and _is_ours(each) else None
        if kind is not None and (readers := readers_of(kind)):
            wrapper = all(inspect.isclass(reader) and issubclass(reader, OptimWrapper) for reader in readers)
            yield inner, {key: each[key] for key in each if not (wrapper and key in _OF_WRAPPERS)}, readers


def _is_ours(part: Any) -> bool:
    return not isinstance(part, Mapping) or part.get('type') not in _FOREIGN
