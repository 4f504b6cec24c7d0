"""Records of runs as a table."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from mmsepbn.evaluation.results_table import format_metric, heading

Records = Mapping[str, Sequence[Mapping[str, Any]]]


def default_columns(records: Records) -> list[str]:
    """The three metrics of the whole test set, then the NME of its subsets."""
    metrics = next(iter(records.values()))[0]['metrics']
    first = next(iter(metrics)).split('/')[0]
    whole = [key for key in metrics if key.startswith(f'{first}/') and key.count('/') == 1]
    return whole + [key for key in metrics if key.endswith('/NME') and key not in whole]


def summary_markdown(title: str, records: Records, columns: Sequence[str] | None = None) -> str:
    """Mean over seeds of each row, with the standard deviation where there are several; parameters beside.

    Args:
        title: heading of the table.
        records: row -> records of its seeds, see :func:`run_row`.
        columns: metrics to show, such as ``wflw/NME``; where a row has none of that name, as an oracle's row has, the
            one with ``(oracle)`` after the set is shown and marked.

    Raises:
        ValueError: a row has no such metric; names both.
    """
    names = list(columns or default_columns(records))
    lines = [
        ['row', 'seeds', *map(_column, names), 'parameters'],
        ['---', '---:', *['---:'] * len(names), '---:'],
    ]
    for row, results in records.items():
        cells = [_cell(row, name, results) for name in names]
        lines.append([row, str(len(results)), *cells, f'{results[0]["parameters"] / 1e6:.3f} M'])
    return f'### {title}\n\n' + '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _column(name: str) -> str:
    test_set, metric = name.rsplit('/', 1)
    return f'{test_set} {heading(metric)}'


def _cell(row: str, name: str, results: Sequence[Mapping[str, Any]]) -> str:
    data_set, _, rest = name.partition('/')
    oracle = f'{data_set} (oracle)/{rest}'
    shown = next((key for key in (name, oracle) if key in results[0]['metrics']), None)
    if shown is None:
        raise ValueError(f'The row {row!r} has no metric {name!r}. It has {list(results[0]["metrics"])}.')
    values = [result['metrics'][shown] for result in results]
    metric = name.rsplit('/', 1)[1]
    text = format_metric(metric, statistics.mean(values))
    if len(values) > 1:
        text += f' ± {format_metric(metric, statistics.stdev(values))}'
    return f'{text} (oracle)' if shown == oracle else text
