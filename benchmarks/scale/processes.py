"""Faces per second of trainings of one process and of two that talk through gloo, each with one thread."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.speed.report import Report, Row
from mmsepbn.datasets.face_cache.link import VARIABLE
from mmsepbn.datasets.writers import write_wflw
from mmsepbn.synthetic import generate_faces

ROOT = Path(__file__).resolve().parents[2]
_CONFIG = 'configs/demo/sepbn_vanilla_wflw.py'
_SETTINGS = ((1, 16), (2, 8), (2, 16))  # processes, and faces a step of each
_LOGGED = 5  # steps between two lines of the log, whose times are means over them


def add_processes(report: Report, quick: bool) -> None:
    """One row, as the trainings take turns."""
    report.measure(dict(config=_CONFIG), lambda: _rates(quick))


def _rates(quick: bool) -> Row:
    rounds, faces, epochs = (1, 64, 3) if quick else (3, 320, 4)
    found: dict[tuple[int, int], list[float]] = {setting: [] for setting in _SETTINGS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_wflw(folder / 'WFLW', generate_faces(faces, size=128, workers=2), [])
        for number in range(rounds):
            for (processes, batch), rates in found.items():
                work = folder / f'{processes}-{batch}-{number}'
                _train(folder, work, processes, batch, epochs)
                rates.append(processes * batch / _seconds(work))
    trainings = [
        dict(processes=processes, batch=batch, faces_per_second=round(statistics.median(rates), 1))
        for (processes, batch), rates in found.items()
    ]
    return dict(rounds=rounds, trainings=trainings)


def _train(faces: Path, work: Path, processes: int, batch: int, epochs: int) -> None:
    several = ('-m', 'torch.distributed.run', '--standalone', f'--nproc-per-node={processes}')
    command = [sys.executable, *(several if processes > 1 else ()), 'tools/train.py', _CONFIG, '--no-validate']
    command += ['--launcher', 'pytorch'] if processes > 1 else []
    options = dict(batch_size=batch, num_workers=0, persistent_workers=False)
    settings = {f'train_dataloader.{key}': value for key, value in options.items()}
    settings |= {'train_cfg.max_epochs': epochs, 'default_hooks.logger.interval': _LOGGED}
    settings |= {'log_processor.window_size': _LOGGED}
    command += ['--work-dir', str(work), '--cfg-options', *(f'{key}={value}' for key, value in settings.items())]
    environment = os.environ | dict(FACES_ROOT=str(faces), OMP_NUM_THREADS='1')
    environment.pop(VARIABLE, None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(command)} ended with {done.returncode}: {done.stderr[-2000:]}')


def _seconds(work: Path) -> float:
    """Median seconds of a step; the first ones warm up."""
    (path,) = work.glob('*/vis_data/scalars.json')
    times = [line['time'] for line in map(json.loads, path.read_text().splitlines()) if 'time' in line]
    return statistics.median(times[1:])
