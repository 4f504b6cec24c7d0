"""Layers and networks: {eager, compile} x {fp32, bf16} x {NCHW, channels_last}, times beside BatchNorm's."""

from itertools import product

from benchmarks.gpu.options import Options
from benchmarks.speed.layers import Setting
from benchmarks.speed.networks import NETWORKS
from benchmarks.speed.report import Report
from benchmarks.speed.rows import add_layer, add_network

# What comes first is measured if time is short.
_SETTINGS = [Setting(compiled, half, last) for compiled, half, last in product((False, True), repeat=3)]
_SHAPES = ((64, 64, 128, 128), (64, 256, 32, 32), (64, 512, 16, 16), (64, 2048, 4, 4))
_EAGER, _COMPILED = 3.0, 40.0  # seconds that a row takes at most on a GPU
# A quick check compiles nothing, which takes minutes on a CPU.
_QUICK_SETTINGS, _QUICK_SHAPES = (Setting(), Setting(half=True)), ((2, 16, 16, 16),)


def layer_ratios(report: Report, options: Options) -> None:
    """One layer of each kind."""
    settings, shapes, seconds = (_QUICK_SETTINGS, _QUICK_SHAPES, 0.0) if options.quick else (_SETTINGS, _SHAPES, 1.0)
    for setting, shape, training in product(settings, shapes, (True, False)):
        add_layer(report, shape, training, setting, options.device, seconds, _COMPILED if setting.compiled else _EAGER)


def network_ratios(report: Report, options: Options) -> None:
    """Whole networks: a step of training, and inference."""
    quick = options.quick
    settings, names = (_QUICK_SETTINGS, ['Vanilla CNN']) if quick else (_SETTINGS, list(NETWORKS))
    for setting, name, training in product(settings, names, (True, False)):
        add_network(
            *(report, name, 2 if quick else 64, training, setting, options.device, 0.0 if quick else 1.0),
            needed=2 * (_COMPILED if setting.compiled else _EAGER),
            small=quick,
        )
