"""What SepBN costs: layers, whole networks and predictions, as JSON and as docs/performance.md.

  python benchmarks/speed/run.py            measures, at most 15 minutes on 2 cores, and renders the page
  python benchmarks/speed/run.py --render   renders it alone

Layers and networks are timed in turns with BatchNorm, with K BatchNorms mixed as maps, with squeeze and excitation;
also compiled by torch.compile, networks also with channels-last maps and in bfloat16. Leave the machine idle meanwhile.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import torch

import mmsepbn.registry  # noqa: F401
from benchmarks.speed.freed_memory import add_freed_memory
from benchmarks.speed.layers import Setting
from benchmarks.speed.machine import machine
from benchmarks.speed.networks import NETWORKS
from benchmarks.speed.page import PAGE, RESULTS, render_page
from benchmarks.speed.prediction import prediction_speed
from benchmarks.speed.report import Report
from benchmarks.speed.rows import add_layer, add_network
from mmsepbn.processes.freed_memory import keep_freed_memory

_SHAPES = ((8, 64, 128, 128), (8, 256, 32, 32), (8, 512, 16, 16), (8, 512, 8, 8), (8, 2048, 4, 4))
# Shapes, those that are compiled too, networks, those that predict.
_WHOLE = (_SHAPES, _SHAPES[:3:2], tuple(NETWORKS), ('Vanilla CNN', 'MobileNetV2'))
_QUICK = (((2, 16, 8, 8),), (), ('Vanilla CNN',), ('Vanilla CNN',))


def main() -> None:
    """Measure and render; exit status 1 where a row failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=RESULTS / 'cpu.json', help='JSON file of the figures')
    parser.add_argument('--quick', action='store_true', help='the smallest sizes, and no page, to try it')
    parser.add_argument('--render', action='store_true', help='render docs/performance.md from the figures alone')
    args = parser.parse_args()
    failed = False
    if not args.render:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        report = Report(args.out, about=dict(command=' '.join(sys.argv), machine=machine(torch.device('cpu'))))
        measure(report, args.quick)
        failed = report.failed
    if not args.quick:
        PAGE.write_text(render_page(RESULTS))
    raise SystemExit(int(failed))


def measure(report: Report, quick: bool) -> None:
    """All rows; as in training and prediction, the process keeps the memory it frees."""
    keep_freed_memory()
    device = torch.device('cpu')
    shapes, compiled, names, predicting = _QUICK if quick else _WHOLE
    for setting, chosen in ((Setting(), shapes), (Setting(compiled=True), compiled)):
        for shape, training in product(chosen, (True, False)):
            add_layer(report, shape, training, setting, device, 0.0 if quick else 8.0)
    others = (
        (Setting(channels_last=True), names),
        (Setting(half=True), names[:1]),
        (Setting(compiled=True), names[:1]),
    )
    for setting, chosen in ((Setting(), names), *(() if quick else others)):
        for name, training in product(chosen, (True, False)):
            add_network(report, name, 8, training, setting, device, 0.0 if quick else 25.0, small=quick)
    for name, training in product(predicting, (True, False)):
        add_freed_memory(report, name, 16, training, 0.0 if quick else 12.0, small=quick)
    for name in predicting:
        prediction_speed(report, name, NETWORKS[name], 0.0 if quick else 10.0, quick)
