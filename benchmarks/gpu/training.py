"""Vanilla CNN at the paper's width on 300W with BN, its control and SepBN, in the time that is left."""

import json
import os

from benchmarks.gpu.options import Options
from benchmarks.speed.report import Report, Row
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import settle
from mmsepbn.experiments.table import Step, read_table
from mmsepbn.experiments.train_and_measure import measure, train
from mmsepbn.processes.usable_cores import usable_cores

_TABLE = 'benchmarks/method/tables/faces300w_vanilla.py'
_LEAST_EPOCHS, _MOST_EPOCHS = 3, 60  # its warm-up takes two; the table's own


def train_rows(report: Report, options: Options) -> None:
    """A run of each row of the table, of as many epochs as the time allows by the rate that was measured before."""
    os.environ['METHOD_SIZE'] = 'S' if options.quick else 'L'
    changes = {
        **{f'{part}_dataloader.dataset.data_root': str(options.faces) for part in ('train', 'test')},
        'train_dataloader.num_workers': 0 if options.quick else min(16, usable_cores()),
        'train_dataloader.persistent_workers': not options.quick,
    }
    table = read_table(_TABLE)
    share = report.left / len(table.rows)
    changes['train_cfg.max_epochs'] = epochs = _LEAST_EPOCHS if options.quick else _epochs(options, share)
    for row in table.rows:
        (step,) = row.steps
        report.measure(dict(row=row.name, epochs=epochs), lambda step=step: _run(step, changes, options), 0.7 * share)


def _epochs(options: Options, seconds: float) -> int:
    """Epochs for 0.4 of the time: the rate was that of larger batches, and starting and testing take time too."""
    measured = options.out / 'loading.json'
    rows = json.loads(measured.read_text())['rows'] if measured.exists() else []
    rate = max((row.get('faces_per_second', 0.0) for row in rows if row['workers']), default=0.0)
    faces = len([*options.faces.glob('*/trainset/*.pts'), *options.faces.glob('afw/*.pts')])
    return max(_LEAST_EPOCHS, min(_MOST_EPOCHS, int(0.4 * seconds * rate / max(faces, 1))))


def _run(step: Step, changes: Row, options: Options) -> Row:
    step = Step(step.config, {**changes, **step.options}, step.table, step.row, step.number)
    run = settle(step, 0, options.out / 'runs', Records(options.out / 'records'))
    train(run)
    measure(run, 'test')
    record = run.record()
    return {key: record[key] for key in ('metrics', 'train_seconds', 'curve')} if record is not None else {}
