"""What the attention of recorded runs does, as tables; a value of a layer is the mean over seeds, first layer first."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from mmsepbn.experiments.record import Record
from mmsepbn.experiments.summary import default_columns, metric_values
from mmsepbn.experiments.table import Split
from mmsepbn.markdown_table import markdown_table


def attention_table(records: Mapping[str, Sequence[Record]], split: Split) -> str:
    """A line for each row with attention: how much it differs between faces, how alike routes are, what it is worth."""
    head = (
        *('row', 'deviation over faces', 'variance by head pose', 'cosine of scales', 'of shifts'),
        'NME % → mean-ablated',
    )
    rows = (
        [
            row,
            _by_layer(seen, lambda layer: layer['deviation'], '.3f'),
            _by_layer(seen, lambda layer: layer['by_pose'], '.0%'),
            _by_layer(seen, lambda layer: layer['similarity']['scale'], '.2f'),
            _by_layer(seen, lambda layer: layer['similarity']['shift'], '.2f'),
            _mean_ablated(results, split),
        ]
        for row, results in records.items()
        if (seen := _measured(results, split))
    )
    return markdown_table(head, rows, 'l')


def _mean_ablated(results: Sequence[Record], split: Split) -> str:
    """NME in percent, and that with every layer's weights replaced by their mean over the faces."""
    seen = _measured(results, split)
    if len(seen) < len(results):
        raise ValueError(f'Of {len(results)} records {len(seen)} tell of the attention on {split}: means would differ.')
    column = default_columns({'': results}, split)[0]
    return f'{mean(metric_values(results, split, column)):.2f} → {mean(s["mean_ablated"][column] for s in seen):.2f}'


def attribute_table(results: Sequence[Record], split: Split) -> str:
    """Shares of the weights' variance over faces that go with head pose and with each subset of one row."""
    seen = _measured(results, split)
    if not seen:
        return 'Not run.'
    rows = [['head pose', _by_layer(seen, lambda layer: layer['by_pose'], '.0%')]]
    for subset in next(iter(seen[0]['layers'].values()))['by_subset']:
        rows.append([subset, _by_layer(seen, lambda layer, s=subset: layer['by_subset'][s], '.0%')])
    return markdown_table(['goes with', 'of the variance'], rows, 'l')


def _measured(results: Sequence[Record], split: Split) -> list[Record]:
    return [record['attention'][split] for record in results if split in record.get('attention', {})]


def _by_layer(seen: Sequence[Record], value: Callable[[Record], float], form: str) -> str:
    seeds = [[value(layer) for layer in summary['layers'].values()] for summary in seen]
    return ', '.join(format(mean(values), form) for values in zip(*seeds, strict=True))
