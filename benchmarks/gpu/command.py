"""Everything that needs a GPU, in one command of at most 8 minutes.

  python benchmarks/gpu_check.py --faces FOLDER

runs the tests marked ``gpu``; measures layers and networks, {eager, compile} x {fp32, bf16} x {NCHW, channels_last},
beside BatchNorm; measures faces per second of training with 1, 4 and 16 workers; and trains Vanilla CNN at the paper's
width with BN, its control and SepBN for as many epochs as time allows. Figures and logs are written under ``--out`` as
they come, ``summary.json`` says what became of each part. ``--device cpu --quick`` tries the check itself.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

import mmsepbn.registry  # noqa: F401
from benchmarks.gpu.options import Options
from benchmarks.gpu.parts import ROOT, SHARES, run_part, run_parts
from benchmarks.speed.machine import machine
from benchmarks.speed.report import Row
from mmsepbn.cli.errors import readable_errors
from mmsepbn.datasets.writers import write_face300w
from mmsepbn.option_error import OptionError
from mmsepbn.processes.usable_cores import usable_cores
from mmsepbn.synthetic import generate_faces
from mmsepbn.whole_file import write_json


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=Path('gpu_check'), help='folder of what is written')
    parser.add_argument('--faces', type=Path, help="folder of faces in 300W's layout; default: some are drawn")
    parser.add_argument('--device', default='cuda', help='of torch')
    parser.add_argument('--minutes', type=float, default=7.5, help='for all parts; starting takes some seconds more')
    parser.add_argument('--quick', action='store_true', help='the smallest sizes')
    parser.add_argument('--parts', nargs='+', choices=list(SHARES), default=list(SHARES), help='default: all')
    parser.add_argument('--until', type=float, help=argparse.SUPPRESS)  # end of a part, in its own process
    return parser.parse_args()


def main() -> None:
    """Run the parts, or one of them; exit status 1 where one failed or was stopped."""
    with readable_errors():
        args = parse_args()
        options = _options(args)
        os.chdir(ROOT)
        if args.until is not None:
            done = run_part(args.parts[0], options, args.until)
        else:
            if args.faces is None:
                _draw_faces(options)
            done = run_parts(args.parts, options, 60 * args.minutes, lambda states: _summarize(states, options))
    raise SystemExit(0 if done else 1)


def _options(args: argparse.Namespace) -> Options:
    try:
        device = torch.device(args.device)
    except RuntimeError:
        raise OptionError(f'--device must be one of torch. Got {args.device!r}.') from None
    if device.type == 'cuda' and not torch.cuda.is_available():
        raise OptionError('--device cuda needs a GPU. --device cpu --quick tries the check itself.')
    if not args.minutes > 0:
        raise OptionError(f'--minutes must be above 0. Got {args.minutes}.')
    if args.faces is not None and not args.faces.is_dir():
        raise OptionError(f'--faces must be a folder. Got {args.faces}.')
    out = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    return Options(device, args.quick, args.faces.resolve() if args.faces else out / 'faces', out)


def _draw_faces(options: Options) -> None:
    count = 12 if options.quick else 320
    faces = list(generate_faces(count, size=128, workers=min(8, usable_cores())))
    write_face300w(options.faces, faces[count // 3 :], faces[: count // 3])


def _summarize(states: Mapping[str, Row], options: Options) -> None:
    content = dict(command=sys.argv, machine=machine(options.device), parts=states)
    write_json(options.out / 'summary.json', content)
