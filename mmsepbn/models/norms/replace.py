"""Replace chosen BatchNorms of any network."""

import inspect
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from mmcv.cnn import ConvModule, build_norm_layer
from mmengine.registry import MODELS
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmsepbn.listing import shortened

_REPLACEABLE = (nn.BatchNorm2d, nn.SyncBatchNorm)
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, ConvModule)
_SHORTCUTS = ('downsample', 'shortcut', 'identity')


@dataclass(frozen=True)
class NormSite:
    """A BatchNorm in a network.

    Attributes:
        name: dotted path.
        position: 1-based place in its residual block, None outside of blocks and in shortcuts.
    """

    name: str
    position: int | None


def find_norms(model: nn.Module) -> list[NormSite]:
    """All two-dimensional BatchNorms in the order of registration, with their places in residual blocks.

    A block is an innermost module, other than a container and the model itself, with at least two BatchNorms outside
    of its shortcut: MMPose's, torchvision's and timm's BasicBlock, Bottleneck and InvertedResidual are found without
    naming them. Places are counted so that the last norms of all blocks of one class agree: in MobileNetV2, whose
    first block has no expansion, its two norms have the places 2 and 3 of the others. A norm that is registered under
    several names is in the list under each.
    """
    places = model.named_modules(remove_duplicate=False)
    norms = [name for name, module in places if isinstance(module, _BatchNorm)]
    norms = [name for name in norms if not isinstance(model.get_submodule(name), nn.BatchNorm1d | nn.BatchNorm3d)]
    blocks: dict[str, list[str]] = defaultdict(list)
    for name in norms:
        if (block := _block_of(model, name)) is not None:
            blocks[block].append(name)
    blocks = {block: own for block, own in blocks.items() if len(own) > 1}
    blocks = {block: own for block, own in blocks.items() if not any(b.startswith(f'{block}.') for b in blocks)}
    longest: dict[type, int] = defaultdict(int)
    for block, own in blocks.items():
        kind = type(model.get_submodule(block))
        longest[kind] = max(longest[kind], len(own))
    positions = {}
    for block, own in blocks.items():
        last = longest[type(model.get_submodule(block))]
        positions.update({name: last - len(own) + 1 + index for index, name in enumerate(own)})
    return [NormSite(name, positions.get(name)) for name in norms]


def _block_of(model: nn.Module, norm: str) -> str | None:
    """The innermost module around a norm that is not a container; None in shortcuts and for the model itself."""
    parts = norm.split('.')
    for length in range(len(parts) - 1, 0, -1):
        if any(word in parts[length] for word in _SHORTCUTS):
            return None
        name = '.'.join(parts[:length])
        if not isinstance(model.get_submodule(name), _CONTAINERS):
            return name
    return None


def select_norms(
    model: nn.Module,
    positions: Collection[int] | None = None,
    stages: Sequence[str] | None = None,
    pattern: str | None = None,
) -> list[str]:
    """Names of the BatchNorms that meet every condition given; see :class:`SepBNBackbone`.

    Raises:
        ValueError: no BatchNorm is selected; lists the candidates.
    """
    sites = find_norms(model)
    chosen = [
        site.name
        for site in sites
        if (positions is None or site.position in positions)
        and (stages is None or any(f'{site.name}.'.startswith(f'{stage}.') for stage in stages))
        and (pattern is None or re.search(pattern, site.name))
    ]
    if not chosen:
        listed = [f'{site.name} (position {site.position})' for site in sites]
        raise ValueError(
            f'positions={positions}, stages={stages}, pattern={pattern!r} select no BatchNorm of '
            f'{type(model).__name__}. Candidates:\n  '
            f'{shortened(listed) or "none, the network has no BatchNorm"}'
        )
    return chosen


def replace_norms(model: nn.Module, names: Sequence[str], norm_cfg: dict[str, Any]) -> None:
    """Put a norm built from ``norm_cfg`` in place of each named BatchNorm, which hands on its state.

    ``eps`` and, where its class takes one, ``momentum`` are the BatchNorm's unless the config names them. A norm that
    does not read a BatchNorm's state itself gets the tensors whose shapes agree. A SyncBatchNorm's successor is
    synchronized too, that of a BatchNorm without running statistics has none either. A BatchNorm with several names is
    replaced by one norm under all of them.

    Raises:
        ValueError: a named module holds more than a BatchNorm (timm's BatchNormAct2d); or the new layer refuses its
            settings, such as groups that do not divide the channels, or the state. The message names the layer.
    """
    places: dict[nn.Module, list[str]] = defaultdict(list)
    for place, module in model.named_modules(remove_duplicate=False):
        places[module].append(place)
    chosen = {name: model.get_submodule(name) for name in names}
    for name, old in chosen.items():
        if model.get_submodule(name) is not old:  # replaced under another name
            continue
        new = _successor(name, old, norm_cfg)
        for place in places[old]:
            parent, _, child = place.rpartition('.')
            setattr(model.get_submodule(parent), child, new)


def _successor(name: str, old: nn.Module, norm_cfg: dict[str, Any]) -> nn.Module:
    if type(old) not in _REPLACEABLE:
        raise ValueError(f'{name} is a {type(old).__name__}, which does more than BatchNorm2d: it cannot be replaced.')
    settings: dict[str, Any] = dict(eps=old.eps)
    like = old.running_mean if old.weight is None else old.weight
    try:
        if _takes_momentum(norm_cfg):
            settings['momentum'] = old.momentum
        new = build_norm_layer(settings | norm_cfg, old.num_features)[1]
        if old.running_mean is None:
            _forget_statistics(new)
        if isinstance(old, nn.SyncBatchNorm):
            new = nn.SyncBatchNorm.convert_sync_batchnorm(new)
        if like is not None:
            new.to(like.device, like.dtype)
        new.load_state_dict(_state_for(new, old), strict=False)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f'{name}: {error}') from None
    except AssertionError as error:  # MMCV's says nothing
        reason = f': {error}' if str(error) else ''
        raise ValueError(
            f'{name}: norm_cfg must have the settings that its layer needs. Got {norm_cfg}{reason}.'
        ) from None
    if old.affine and not old.weight.requires_grad:
        new.requires_grad_(False)
    return new.train(old.training)


def _takes_momentum(norm_cfg: dict[str, Any]) -> bool:
    """Whether the class of a norm has a parameter ``momentum``, or passes on all that it gets."""
    kind = norm_cfg.get('type')
    if not inspect.isclass(kind):
        with MODELS.switch_scope_and_registry(None) as registry:  # as MMCV finds it
            kind = registry.get(str(kind))
    if kind is None:
        raise ValueError(f'norm_cfg.type must be a registered norm layer. Got norm_cfg={norm_cfg}.')
    parameters = inspect.signature(kind).parameters
    return 'momentum' in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _state_for(new: nn.Module, old: nn.Module) -> dict[str, Any]:
    """The state of ``old`` that ``new`` may load: all where its class reads it, else what agrees in shape."""
    state, own = old.state_dict(), new.state_dict()
    if not type(new)._load_from_state_dict.__module__.startswith('torch.'):
        return state
    return {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}


def _forget_statistics(layer: nn.Module) -> None:
    """Let the two-dimensional BatchNorms of a layer use the batch's statistics always."""
    for norm in layer.modules():
        if isinstance(norm, _REPLACEABLE):
            norm.track_running_stats = False
            norm.running_mean = norm.running_var = norm.num_batches_tracked = None
