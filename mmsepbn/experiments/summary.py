"""Records of runs as a table."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from mmsepbn.evaluation.metric_names import ORACLE
from mmsepbn.evaluation.results_table import heading, mean_std
from mmsepbn.experiments.table import Split
from mmsepbn.markdown_table import markdown_table
from mmsepbn.user_error import UserError

RowRecords = Mapping[str, Sequence[Mapping[str, Any]]]


class MissingMetricError(UserError):
    """A row does not have the requested metric."""


def default_columns(records: RowRecords, split: Split) -> list[str]:
    """The three metrics of the whole test set, then the NME of its subsets; none where nothing was measured.

    The set is that of the first NME; without one, that of the first metric, or that metric alone where it has no set.
    """
    measured = [results[0]['metrics'][split] for results in records.values() if results]
    if not measured:
        return []
    named = [*(key for key in measured[0] if key.endswith('/NME')), *measured[0]][0]
    first = named.split('/')[0]
    whole = [key for key in measured[0] if key.startswith(f'{first}/') and key.count('/') == 1] or [named]
    return whole + [key for key in measured[0] if key.endswith('/NME') and key not in whole]


def metric_values(results: Sequence[Mapping[str, Any]], split: Split, name: str) -> list[float]:
    """A metric of each record; an oracle's metric where there is one under that name, as ``aflw_oracle/NME``.

    Raises:
        MissingMetricError: neither is there; the message gives those that are.
    """
    return [record['metrics'][split][_found(record['metrics'][split], name)] for record in results]


def summary_markdown(
    title: str, records: RowRecords, split: Split = 'test', columns: Sequence[str] | None = None
) -> str:
    """Mean over seeds of each row, with the standard deviation where there are several.

    In addition the mean training loss of the last epoch, which shows how well the (augmented) training faces are
    fitted, parameters and multiply-accumulates.

    Args:
        title: heading of the table.
        records: row -> records of its seeds, see :mod:`mmsepbn.experiments.run`; none: the row says so.
        split: which of the measurements to show.
        columns: metrics to show, such as ``wflw/NME``; where a row has none of that name, as an oracle's row has, the
            one with ``_oracle`` after the set is shown and marked.

    Raises:
        MissingMetricError: a row has no such metric; names both.
    """
    names = columns or default_columns(records, split)
    lines = []
    for row, results in records.items():
        if not results:
            lines.append([row, '0', *['not run'] * len(names), '', '', ''])
            continue
        try:
            cells = [_cell(name, results, split) for name in names]
        except MissingMetricError as error:
            raise MissingMetricError(f'The row {row!r}: {error}') from None
        losses = [result['curve'][-1] for result in results]
        loss = 'not logged' if None in losses else f'{statistics.mean(losses):.2f}'
        size = [f'{results[0]["parameters"] / 1e6:.3f} M', f'{results[0]["macs"] / 1e6:.1f} M']
        lines.append([row, str(len(results)), *cells, loss, *size])
    head = ['row', 'seeds', *map(_column, names), 'training loss', 'parameters', 'MACs']
    return f'### {title}\n\n{markdown_table(head, lines, "lr")}'


def _column(name: str) -> str:
    test_set, _, metric = name.rpartition('/')
    return f'{test_set} {heading(metric)}'.strip()


def _cell(name: str, results: Sequence[Mapping[str, Any]], split: Split) -> str:
    text = mean_std(name.rpartition('/')[2], metric_values(results, split, name))
    return text if _found(results[0]['metrics'][split], name) == name else f'{text} (oracle)'


def _found(metrics: Mapping[str, float], name: str) -> str:
    data_set, _, rest = name.partition('/')
    oracle = f'{data_set}{ORACLE}/{rest}'
    for key in (name, oracle):
        if key in metrics:
            return key
    raise MissingMetricError(f'There is no metric {name!r}, but {list(metrics)}.')
