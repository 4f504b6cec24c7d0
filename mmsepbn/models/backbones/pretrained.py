"""Loading pretrained weights into a network, with a report."""

import logging
from dataclasses import dataclass, field

from mmengine.logging import print_log
from mmengine.model import PretrainedInit, update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import CheckpointLoader
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import state_of, value_fault
from mmsepbn.listing import shortened


@dataclass(frozen=True)
class LoadReport:
    """What came of a checkpoint.

    Attributes:
        taken: number of the model's tensors that the checkpoint filled.
        missing: the model's tensors that it did not.
        left: its tensors that the model has no place for.
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
        CheckpointError: it cannot be fetched, nothing in it fits the model, or a tensor has another shape or values
            that are not finite. What only one of both has is no error, and is reported.
    """
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location='cpu', logger=None)
    except OSError as error:  # no network, HTTP errors, missing files
        raise CheckpointError(not_fetched(f'The pretrained weights {checkpoint}', error)) from None
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


@WEIGHT_INITIALIZERS.register_module(name='Pretrained', force=True)
class CheckedPretrainedInit(PretrainedInit):
    """MMEngine's ``init_cfg=dict(type='Pretrained')``, which is refused where it would leave a backbone as it is.

    MMEngine loads what fits and trains the rest from random weights. A whole network, whose head may have another
    shape, is left to it.

    Raises:
        CheckpointError: see :func:`load_pretrained`.
    """

    def __call__(self, module: nn.Module) -> None:
        """Load the weights into ``module``."""
        if hasattr(module, 'backbone'):
            super().__call__(module)
            return
        report = load_pretrained(module, self.checkpoint, self.prefix)
        print_log(str(report), 'current', logging.WARNING if report.missing else logging.INFO)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=self._get_init_info())


def not_fetched(what: str, error: OSError) -> str:
    """What to do without network."""
    return (
        f'{what} cannot be fetched: {error}. Name a local file as init_cfg.checkpoint of the backbone, or set its '
        'init_cfg=None to train from scratch.'
    )


def _some(names: list[str]) -> str:
    return shortened(names, ', ', 4) or 'nothing'
