"""Load pretrained weights into a network, with a report."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from mmengine.logging import print_log
from mmengine.model import BaseModel, PretrainedInit, update_init_info
from mmengine.runner import CheckpointLoader
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_filled, state_of, value_fault
from mmsepbn.config_walk import walk
from mmsepbn.listing import shortened
from mmsepbn.type_name import type_name

_PRETRAINED = ('Pretrained', 'PretrainedInit', 'CheckedPretrainedInit')  # names of one kind of initialization
# Backbones of MMPose and MMDetection that read the file of their init_cfg themselves, in a form of its own.
_READERS = frozenset(
    {
        'mmpose.models.backbones.mspn.MSPN',
        'mmpose.models.backbones.pvt.PyramidVisionTransformer',
        'mmpose.models.backbones.swin.SwinTransformer',
        'mmdet.models.backbones.pvt.PyramidVisionTransformer',
        'mmdet.models.backbones.swin.SwinTransformer',
    }
)


class NotFetchedError(CheckpointError):
    """Pretrained weights cannot be downloaded; the message says what to do without network access.

    Args:
        checkpoint: file or address.
        reason: why it failed.
        keys: of the config, whose ``init_cfg`` asks for them.
    """

    def __init__(self, checkpoint: str, reason: object, keys: Sequence[str] = ()) -> None:
        named = ' and '.join(f'{key}.checkpoint' for key in keys) or 'init_cfg.checkpoint of the backbone'
        unset = ' and '.join(f'{key}=None' for key in keys) or 'its init_cfg=None'
        super().__init__(
            f'The pretrained weights {checkpoint} cannot be fetched: {reason}. Name a local file as {named}, or set '
            f'{unset} to train from scratch.'
        )
        self.checkpoint, self.reason = checkpoint, reason

    def naming(self, config: Mapping[str, Any]) -> 'NotFetchedError':
        """The same with the keys of a config that ask for the weights."""
        return NotFetchedError(self.checkpoint, self.reason, [*_asking(config, self.checkpoint)])


@dataclass(frozen=True)
class LoadReport:
    """The result of loading a checkpoint.

    Attributes:
        taken: number of the model's tensors that the checkpoint filled.
        missing: the model's tensors that it did not.
        left: its tensors that are not in the model.
    """

    checkpoint: str
    taken: int
    missing: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f'{self.checkpoint}: {self.taken} tensors taken; not in the file: {_some(self.missing)}; '
            f'not in the model: {_some(self.left)}'
        )


def load_pretrained(model: nn.Module, checkpoint: str, prefix: str | None = None) -> LoadReport:
    """Load a checkpoint, a file or an address as MMEngine understands them (``torchvision://``, ``mmcls://``).

    Args:
        model: takes the weights.
        checkpoint: file or address.
        prefix: load only what begins with it, such as ``backbone``.

    Raises:
        NotFetchedError: it cannot be fetched.
        CheckpointError: nothing in it fits the model, or a tensor has another shape or values that are not finite.
            Tensors that only one of the two has are not an error, and are reported.
    """
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location='cpu', logger=None)
    except OSError as error:  # no network, HTTP errors, missing files
        raise NotFetchedError(checkpoint, error) from None
    state = state_of(content, model)
    if prefix is not None:
        start = prefix.rstrip('.') + '.'
        state = {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
    given, own = set(state), model.state_dict()
    faults = ((name, value_fault(own.get(name), value)) for name, value in state.items())
    if wrong := [f'{name} is {fault}' for name, fault in faults if fault]:
        raise CheckpointError(f'{checkpoint} has no whole weights: {_some(wrong)}.')
    try:
        missing, left = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise CheckpointError(f'{checkpoint} does not fit the model. {error}') from None
    if len(left) == len(given):
        raise CheckpointError(
            f'Nothing in {checkpoint} fits the model. It has {_some(sorted(given))}, '
            f'the model expects {_some(missing)}. Weights of a whole network need init_cfg.prefix, such as "backbone".'
        )
    return LoadReport(checkpoint, len(given) - len(left), list(missing), list(left))


class CheckedPretrainedInit(PretrainedInit):
    """MMEngine's ``init_cfg=dict(type='Pretrained')``, which is refused where it would leave a backbone as it is.

    MMEngine loads what fits and trains the rest from random weights. A whole network, whose head may have another
    shape, is left to it.

    Raises:
        CheckpointError: see :func:`load_pretrained`.
    """

    def __call__(self, module: nn.Module) -> None:
        """Load the weights into ``module``."""
        if isinstance(module, BaseModel):
            super().__call__(module)
            return
        report = load_pretrained(module, self.checkpoint, self.prefix)
        print_log(str(report), 'current', logging.WARNING if report.missing else logging.INFO)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=self._get_init_info())


def start_from(model: nn.Module, file: str) -> None:
    """Let pretrained parts of a network be initialized by a checkpoint where it fills them, in place.

    For a training that loads the checkpoint afterwards, so that nothing is downloaded in vain.

    Args:
        model: its parts' ``init_cfg`` are changed.
        file: path, address or name of the zoo; read only where a part is pretrained.
    """
    parts = _parts(model)
    if not parts:
        return
    state = state_of(CheckpointLoader.load_checkpoint(file, map_location='cpu', logger='silent'), model)
    for name, settings in parts:
        if (prefix := _filling(model.get_submodule(name), name, state)) is not None:
            settings.update(checkpoint=file, prefix=prefix)


def asks_for_weights(model: nn.Module) -> bool:
    """Whether there is anything for :func:`start_from` to change."""
    return bool(_parts(model))


def _parts(model: nn.Module) -> list[tuple[str, dict[str, Any]]]:
    """Pretrained parts by name, with the settings that load their weights."""
    return [(name, settings) for name, module in model.named_modules() for settings in weights_of(module)]


def weights_of(module: nn.Module) -> list[dict[str, Any]]:
    """Those of a module's initializations that load weights; none where it reads its file itself."""
    reads_itself = any(f'{kind.__module__}.{kind.__qualname__}' in _READERS for kind in type(module).__mro__)
    return [] if reads_itself else [each for each in _each(getattr(module, 'init_cfg', None)) if loads_weights(each)]


@contextmanager
def without_weights(*modules: nn.Module) -> Iterator[None]:
    """Let modules have only those initializations that load no weights."""
    given = [(module, module.init_cfg) for module in modules if weights_of(module)]
    for module, init_cfg in given:
        module.init_cfg = others_of(init_cfg)
    try:
        yield
    finally:
        for module, init_cfg in given:
            module.init_cfg = init_cfg


def loads_weights(initialization: Any) -> bool:
    """Whether one of the initializations of an ``init_cfg`` loads weights, its ``type`` a name or a class."""
    return isinstance(initialization, Mapping) and type_name(initialization.get('type')) in _PRETRAINED


def others_of(init_cfg: Any) -> Any:
    """An ``init_cfg`` without the parts that load weights; unchanged if none does, None if all do."""
    others = [each for each in _each(init_cfg) if not loads_weights(each)]
    return init_cfg if len(others) == len(_each(init_cfg)) else others or None


def _each(init_cfg: Any) -> Sequence[Any]:
    """The initializations of an ``init_cfg``, which is one or several."""
    return init_cfg if isinstance(init_cfg, list | tuple) else [init_cfg]


def _filling(module: nn.Module, name: str, state: Mapping[str, Any]) -> str | None:
    """The beginning of a module's name under which weights fill it: a backbone's may stand for those of one in it."""
    while name:
        inner = {key.removeprefix(f'{name}.'): value for key, value in state.items() if key.startswith(f'{name}.')}
        with suppress(CheckpointError):
            require_filled(module, inner)
            return name
        name = name.rpartition('.')[0]
    return None


def _asking(config: Mapping[str, Any], checkpoint: str) -> Iterator[str]:
    """Places of ``init_cfg`` in the config of a network that name a checkpoint."""
    for place, part in walk(config, 'model'):
        named = (each.get('checkpoint') for each in _each(part) if isinstance(each, Mapping))
        if place.endswith('.init_cfg') and checkpoint in named:
            yield place


def _some(names: list[str]) -> str:
    return shortened(names, ', ', 4) or 'nothing'
