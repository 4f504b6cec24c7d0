"""Layers and networks: {eager, compile} x {fp32, bf16} x {NCHW, channels_last}, times beside BatchNorm's."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeVar

from benchmarks.gpu.options import Options
from benchmarks.speed.layers import Setting
from benchmarks.speed.networks import NETWORKS
from benchmarks.speed.report import Report
from benchmarks.speed.rows import add_layer, add_network

_T = TypeVar('_T')
_SETTINGS = [Setting(compiled, half, last) for compiled, half, last in product((False, True), repeat=3)]
_SHAPES = ((64, 64, 128, 128), (64, 256, 32, 32), (64, 512, 16, 16), (64, 2048, 4, 4))
_EAGER, _COMPILED = 3.0, 25.0  # seconds that a row of a layer takes on a GPU, most of them to compile
# A quick check compiles nothing, which takes minutes on a CPU.
_QUICK_SETTINGS, _QUICK_SHAPES = (Setting(), Setting(half=True)), ((2, 16, 16, 16),)


def layer_ratios(report: Report, options: Options) -> None:
    """One layer of each kind."""
    settings, shapes, seconds = (_QUICK_SETTINGS, _QUICK_SHAPES, 0.0) if options.quick else (_SETTINGS, _SHAPES, 1.0)
    for setting, shape, training in _by_urgency(settings, shapes):
        add_layer(report, shape, training, setting, options.device, seconds, _COMPILED if setting.compiled else _EAGER)


def network_ratios(report: Report, options: Options) -> None:
    """Whole networks: a step of training, and inference."""
    quick = options.quick
    settings, names = (_QUICK_SETTINGS, ['Vanilla CNN']) if quick else (_SETTINGS, list(NETWORKS))
    for setting, name, training in _by_urgency(settings, names):
        add_network(
            *(report, name, 2 if quick else 64, training, setting, options.device, 0.0 if quick else 1.0),
            needed=_COMPILED + 15 if setting.compiled else 2 * _EAGER,
            small=quick,
        )


def _by_urgency(settings: Sequence[Setting], things: Sequence[_T]) -> Iterator[tuple[Setting, _T, bool]]:
    """Setting, thing, and whether in training: first one row of the plainest setting and one of it compiled.

    What comes first is measured if time is short.
    """
    first = [(setting, things[0], True) for setting in (Setting(), Setting(compiled=True)) if setting in settings]
    yield from first
    yield from (row for row in product(settings, things, (True, False)) if row not in first)
