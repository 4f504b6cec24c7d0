"""docs/performance.md, rendered from the JSON of what was measured; no number in its tables is typed."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from benchmarks.speed.report import Row

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE = ROOT / 'benchmarks' / 'speed' / 'results', ROOT / 'docs' / 'performance.md'
_TEMPLATE = Path(__file__).with_name('performance.md.jinja')
_NORMS = ('BN', 'SepBN', 'K BatchNorms', 'BN + SE')
_PLAIN = 'eager, fp32, NCHW'
_WORDS = {True: 'training', False: 'inference'}


def render_page(results: Path) -> str:
    """Fill the template with what the folder holds: cpu.json, loader.json, and gpu/ with what gpu_check.py wrote."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATE.parent), keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= dict(
        layers=layer_table, networks=network_table, goals=goal_table, machine=machine_line, part=part_line
    )
    cpu, loader, summary = (_read(results / name) for name in ('cpu.json', 'loader.json', 'gpu/summary.json'))
    parts = ('layers', 'networks', 'loading', 'training')
    gpu = {part: _rows(_read(results / 'gpu' / f'{part}.json')) for part in parts}
    notes = results / 'gpu' / 'notes.md'
    return environment.get_template(_TEMPLATE.name).render(
        cpu=cpu,
        rows=_rows(cpu),
        loader=loader,
        summary=summary,
        gpu=gpu,
        notes=notes.read_text() if notes.exists() else '',
    )


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text()) if path.exists() else None


def _rows(content: Mapping[str, Any] | None) -> list[Row]:
    """Rows that were measured."""
    return [row for row in (content or {}).get('rows', ()) if 'error' not in row]


def machine_line(content: Mapping[str, Any]) -> str:
    """What it was measured on and with."""
    machine = content['machine']
    versions = ', '.join(f'{name} {version}' for name, version in machine['versions'].items())
    commit = f', commit {machine["commit"][:8]}' if machine['commit'] else ''
    device = '' if machine['device'] == 'cpu' else f'{machine["device"]}, '
    return f'{device}{machine["cpu"]}, {machine["threads"]} threads; {versions}{commit}'


def part_line(part: Mapping[str, Any]) -> str:
    """What became of a part of the check."""
    outcomes = Counter(part.get('outcomes', {}).values())
    counts = ', '.join(f'{number} {outcome.lower()}' for outcome, number in outcomes.most_common())
    return f'{part["state"]} after {part["seconds"]:.0f} s' + (f': {counts}' if counts else '')


def layer_table(rows: Sequence[Row]) -> str:
    """Milliseconds of a BatchNorm, and how many times that the others take, with the memory in training."""
    return _table('input', [('x'.join(map(str, row['shape'])), row) for row in rows if row['part'] == 'layer'])


def network_table(rows: Sequence[Row]) -> str:
    """The same of whole networks."""
    chosen = [row for row in rows if row['part'] == 'network']
    return _table('network', [(f'{row["network"]}, batch {row["batch"]}', row) for row in chosen])


def _table(first: str, rows: Sequence[tuple[str, Row]]) -> str:
    norms = [name for name in _NORMS[1:] if any(name in row['ratios'] for _, row in rows)]
    heads = [first, 'mode', 'BN ms', *norms, *(f'memory, {name}' for name in norms)]
    cells = (
        [
            label,
            _WORDS[row['training']] + ('' if row['setting'] == _PLAIN else f', {row["setting"]}'),
            f'{row["milliseconds"]["BN"]:.2f}',
            *(_times(row['ratios'].get(name)) for name in norms),
            *(_times(_memory(row, name)) for name in norms),
        ]
        for label, row in rows
    )
    return markdown_table(heads, cells)


def markdown_table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """A table whose numbers stand at the right."""
    lines = [heads, ['---', '---', *(['---:'] * (len(heads) - 2))], *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _memory(row: Row, name: str) -> float | None:
    """Bytes beside BatchNorm's, in training."""
    if not row['training'] or name not in row['memory']:
        return None
    return row['memory'][name] / row['memory']['BN']


def _times(value: float | None) -> str:
    return '' if value is None else f'{value:.2f}x'


@dataclass(frozen=True)
class _Goal:
    """The largest of some ratios should be at most ``most``."""

    text: str
    most: float
    part: str
    training: bool
    least_side: int = 0
    memory: bool = False
    reference: str = 'BN'


_GOALS = (
    _Goal('layer, training, maps of 32 x 32 and larger', 2.0, 'layer', True, 32),
    _Goal('layer, inference, maps of 32 x 32 and larger', 2.0, 'layer', False, 32),
    _Goal('layer, training, smaller maps', 2.25, 'layer', True),
    _Goal('network, a step of training', 1.06, 'network', True),
    _Goal('network, inference', 1.08, 'network', False),
    _Goal('network, memory of a step', 1.05, 'network', True, memory=True),
    _Goal('layer, training, against K BatchNorms', 0.4, 'layer', True, reference='K BatchNorms'),
    _Goal('layer, memory, against K BatchNorms', 0.5, 'layer', True, memory=True, reference='K BatchNorms'),
)


def goal_table(rows: Sequence[Row]) -> str:
    """What was aimed at, and the largest ratio of SepBN that was measured, where."""
    cells = []
    for goal in _GOALS:
        found = {_label(row): _ratio(row, goal) for row in rows if _concerns(goal, row)}
        if found:
            worst = max(found, key=found.__getitem__)
            verdict = 'met' if found[worst] <= goal.most else 'missed'
            cells.append([goal.text, worst, f'{goal.most:.2f}x', f'{found[worst]:.2f}x', verdict])
    return markdown_table(['SepBN', 'largest at', 'at most', 'measured', ''], iter(cells))


def _concerns(goal: _Goal, row: Row) -> bool:
    if (row['part'], row.get('training'), row.get('setting')) != (goal.part, goal.training, _PLAIN):
        return False
    small = goal.text.endswith('smaller maps')
    return goal.part == 'network' or (row['shape'][-1] < 32 if small else row['shape'][-1] >= goal.least_side)


def _ratio(row: Row, goal: _Goal) -> float:
    values = row['memory'] if goal.memory else row['ratios']
    return values['SepBN'] / values[goal.reference]


def _label(row: Row) -> str:
    return 'x'.join(map(str, row['shape'])) if row['part'] == 'layer' else row['network']
