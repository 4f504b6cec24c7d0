"""docs/scale.md, rendered from the JSON of what was measured; no number in its tables is typed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.page import machine_line
from benchmarks.speed.report import Row
from mmsepbn.markdown_table import markdown_table
from mmsepbn.page_template import page_template

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE = ROOT / 'benchmarks' / 'scale' / 'results', ROOT / 'docs' / 'scale.md'
_ROWS = dict(processes=1, steps=3, faces=4)
_TEMPLATE = Path(__file__).with_name('scale.md.jinja')


def render_page(results: Path) -> str:
    """Fill the template with what the folder holds: processes.json, steps.json and faces.json."""
    tables = dict(trainings=training_table, steps=step_table, samplers=sampler_table)
    filters = dict(machine=machine_line, megabytes=megabytes, **tables)
    parts = {name: _part(results / f'{name}.json') for name in _ROWS}
    return page_template(_TEMPLATE, filters).render(parts)


def _part(path: Path) -> dict[str, Any] | None:
    """What a file holds; None where it is not there, or is of a run that was stopped or failed."""
    content = json.loads(path.read_text()) if path.exists() else dict(rows=[])
    whole = len(content['rows']) == _ROWS[path.stem] and not any('error' in row for row in content['rows'])
    return content if whole else None


def megabytes(count: float) -> str:
    """Bytes in words; from 10 GB on in GB."""
    return f'{count / 1e9:,.0f} GB' if count >= 1e10 else f'{count / 1e6:,.0f} MB'


def training_table(row: Row) -> str:
    """Faces a second of each number of processes, and how many times those of one process that are."""
    one = next(each['faces_per_second'] for each in row['trainings'] if each['processes'] == 1)
    cells = (
        [
            str(each['processes']),
            str(each['batch']),
            f'{each["faces_per_second"]:.0f}',
            f'{each["faces_per_second"] / one:.2f}x',
        ]
        for each in row['trainings']
    )
    return markdown_table(
        ['processes', 'faces per step and process', 'faces a second', 'speed-up over one process'], cells, 'llr'
    )


def step_table(rows: Sequence[Row]) -> str:
    """Milliseconds and memory of a step and a face."""
    cells = (
        [
            row['grows'],
            f'{step["batch"]} faces, {step["size"]} px, {step["protocols"]} of 5',
            f'{step["milliseconds"]:.0f}',
            f'{step["milliseconds"] / step["batch"]:.1f}',
            megabytes(step['memory']),
        ]
        for row in rows
        for step in row['steps']
    )
    return markdown_table(['what grows', 'step', 'ms a step', 'ms a face', 'memory'], cells, 'llr')


def sampler_table(rows: Sequence[Row]) -> str:
    """Seconds to the first index of an epoch and to its last, and memory."""
    cells = (
        [
            row['what'],
            f'{row["faces"]:,}',
            f'{row["build_seconds"] + row["first_seconds"]:.2f}',
            f'{row["epoch_seconds"]:.1f}',
            megabytes(row['held_bytes']),
            megabytes(row['peak_bytes']),
        ]
        for row in rows
    )
    return markdown_table(['sampler', 'faces', 'first index after s', 'epoch in s', 'kept', 'at most'], cells, 'llr')
