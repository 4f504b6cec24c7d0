"""What grows with processes, batches, images and faces, as JSON and as docs/scale.md.

  python benchmarks/scale/run.py                  measures, about 10 minutes on 2 cores, and renders the page
  python benchmarks/scale/run.py --parts faces    measures a part again
  python benchmarks/scale/run.py --render         renders the page alone

processes: trainings of one process and of two; steps: single steps of training; faces: sampler and face cache of a data
set of 10 million made-up faces, which takes half a GB of disk. Leave the machine idle meanwhile.
"""

import argparse
import sys
from pathlib import Path

import torch

import mmsepbn.registry  # noqa: F401
from benchmarks.scale.many_faces import add_many_faces
from benchmarks.scale.page import PAGE, RESULTS, render_page
from benchmarks.scale.processes import add_processes
from benchmarks.scale.steps import add_steps
from benchmarks.speed.machine import machine
from benchmarks.speed.report import Report

_PARTS = dict(processes=add_processes, steps=add_steps, faces=add_many_faces)


def main() -> None:
    """Measure and render; exit status 1 where a row failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=RESULTS, help='folder of the figures')
    parser.add_argument('--parts', nargs='+', choices=_PARTS, default=list(_PARTS), help='default: all')
    parser.add_argument('--quick', action='store_true', help='the smallest sizes, and no page, to try it')
    parser.add_argument('--render', action='store_true', help='render docs/scale.md from the figures alone')
    args = parser.parse_args()
    failed = False
    for part in () if args.render else args.parts:
        args.out.mkdir(parents=True, exist_ok=True)
        about = dict(command=' '.join(sys.argv), machine=machine(torch.device('cpu')))
        report = Report(args.out / f'{part}.json', about=about)
        _PARTS[part](report, args.quick)
        failed |= report.failed
    if not args.quick:
        PAGE.write_text(render_page(RESULTS))
    raise SystemExit(int(failed))
