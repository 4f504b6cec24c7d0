"""docs/performance.md, rendered from the JSON of what was measured; no number in its tables is typed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed.report import Row
from mmsepbn.markdown_table import markdown_table
from mmsepbn.page_template import page_template

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE = ROOT / 'benchmarks' / 'speed' / 'results', ROOT / 'docs' / 'performance.md'
_TEMPLATE = Path(__file__).with_name('performance.md.jinja')
_NORMS = ('BN', 'SepBN', 'K BatchNorms', 'BN + SE')
_PLAIN = 'eager, fp32, NCHW'
_WORDS = {True: 'training', False: 'inference'}


def render_page(results: Path) -> str:
    """Fill the template with what the folder holds: cpu.json, loader.json, and gpu/ with what gpu_check.py wrote.

    In gpu/ may stand, written by hand, what to know of the run (run.md) and of its figures (notes.md).
    """
    filters = dict(layers=layer_table, networks=network_table, goals=goal_table, machine=machine_line, part=part_line)
    filters |= dict(times=times_range, reaches=verdict, freed=freed_table)
    cpu, loader, summary = (_read(results / name) for name in ('cpu.json', 'loader.json', 'gpu/summary.json'))
    parts = ('layers', 'networks', 'loading', 'training')
    gpu = {part: _rows(_read(results / 'gpu' / f'{part}.json')) for part in parts}
    return page_template(_TEMPLATE, filters).render(
        cpu=cpu,
        rows=_rows(cpu),
        loader=loader,
        summary=summary,
        gpu=gpu,
        run=_text(results / 'gpu' / 'run.md'),
        notes=_text(results / 'gpu' / 'notes.md'),
    )


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ''


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


def times_range(loader: Mapping[str, Any], way: str) -> str:
    """How many times MMPose's faces a second a way of reading reaches, from the least to the most."""
    times = [row['times_mmpose'][way] for row in loader['rows']]
    return f'{min(times):.1f}x to {max(times):.1f}x'


def verdict(loader: Mapping[str, Any], way: str, aim: float) -> str:
    """Whether all times of :func:`times_range` reach an aim."""
    return 'met' if min(row['times_mmpose'][way] for row in loader['rows']) >= aim else 'missed'


def layer_table(rows: Sequence[Row]) -> str:
    """Milliseconds of a BatchNorm, and how many times that the others take, with the memory in training."""
    return _table('input', [('x'.join(map(str, row['shape'])), row) for row in rows if row['part'] == 'layer'])


def network_table(rows: Sequence[Row]) -> str:
    """The same of whole networks."""
    chosen = [row for row in rows if row['part'] == 'network']
    return _table('network', [(f'{row["network"]}, batch {row["batch"]}', row) for row in chosen])


def freed_table(rows: Sequence[Row]) -> str:
    """Milliseconds of a network whose freed memory is returned to the system, and kept."""
    cells = (
        [
            f'{row["network"]}, batch {row["batch"]}',
            _WORDS[row['training']],
            *(f'{row["milliseconds"][way]:.1f}' for way in ('returned', 'kept')),
            _times(row['ratios']['kept']),
        ]
        for row in rows
        if row['part'] == 'freed memory'
    )
    return markdown_table(['network', 'mode', 'returned, ms', 'kept, ms', 'kept'], cells, 'llr')


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
    return markdown_table(heads, cells, 'llr')


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
    why: str = ''  # it is missed, where it is


_POOLING = (
    'statistics, map and gradient take as long as in BatchNorm; most of the rest is pooling for the attention, which '
    'has to record where the maxima are.'
)
_OPERATIONS = (
    'dozens of small operations, each of some microseconds whatever the size of the map, while a BatchNorm has two, '
    'which take less than a millisecond.'
)
_GOALS = (
    _Goal('layer, training, maps of 32 x 32 and larger', 2.0, 'layer', True, 32, why=_POOLING),
    _Goal(
        *('layer, inference, maps of 32 x 32 and larger', 2.0, 'layer', False, 32),
        why='the map is read twice, for pooling and for mapping: routes depend on the whole map. On maps that fit '
        "into the CPU's cache, pooling alone takes longer than a BatchNorm.",
    ),
    _Goal('layer, training, smaller maps', 2.25, 'layer', True, why=_OPERATIONS),
    _Goal(
        *('network, a step of training', 1.06, 'network', True),
        why='in MobileNetV2 17 of 52 norms are SepBN, on small maps, and convolutions take little of the time.',
    ),
    _Goal(
        *('network, inference', 1.08, 'network', False),
        why='the same; a SepBN cannot be folded into a convolution, and its small operations take their time in each '
        'of 17 places.',
    ),
    _Goal('network, memory of a step', 1.05, 'network', True, memory=True),
    _Goal('layer, training, against K BatchNorms', 0.4, 'layer', True, reference='K BatchNorms', why=_OPERATIONS),
    _Goal('layer, memory, against K BatchNorms', 0.5, 'layer', True, memory=True, reference='K BatchNorms'),
)


def goal_table(rows: Sequence[Row]) -> str:
    """What was aimed at, the largest ratio of SepBN that was measured, where, and why an aim was missed."""
    cells, reasons = [], []
    for goal in _GOALS:
        found = {_label(row): _ratio(row, goal) for row in rows if _concerns(goal, row)}
        if found:
            worst = max(found, key=found.__getitem__)
            beyond = found[worst] / goal.most - 1
            verdict = 'met' if beyond <= 0 else f'missed by {beyond:.0%}'
            cells.append([goal.text, worst, f'{goal.most:.2f}x', f'{found[worst]:.2f}x', verdict])
            if beyond > 0 and goal.why:
                reasons.append(f'- *{goal.text}*, {worst}: {goal.why}')
    table = markdown_table(['SepBN', 'largest at', 'at most', 'measured', ''], cells, 'llrr')
    return '\n'.join([table, '', 'Why they were missed:', '', *reasons]) if reasons else table


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
