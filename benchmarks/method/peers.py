"""Networks of this project compared with published results, on 300W's common test set."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean

from mmsepbn.evaluation.results_table import format_metric
from mmsepbn.experiments.known_rows import STALE
from mmsepbn.experiments.record import Record
from mmsepbn.markdown_table import markdown_table
from mmsepbn.zoo.index import FOLDER, ZooNetwork, read_index

HERE = Path(__file__).parent
PUBLISHED, COSTS = HERE / 'peers.json', HERE / 'peers_costs.json'
ZOO = 'zoo'  # stands for a table in the costs
_METRICS = dict(nme='NME', fr='FR_0.10', auc='AUC_0.10')
_HEADS = (
    *('network', 'NME %', 'FR@0.10 %', 'AUC@0.10', 'MACs', 'parameters', 'ms a face'),
    *('training faces', 'boxes', 'source'),
)

# Table or ZOO -> row or network -> ``milliseconds`` and ``macs`` of a face.
Costs = Mapping[str, Mapping[str, Mapping[str, float]]]
# Table -> row, which may be marked as stale -> records of its seeds.
Results = Mapping[str, Mapping[str, Sequence[Record]]]


@dataclass(frozen=True)
class Shown:
    """Rows of a table that are shown beside others.

    Attributes:
        table: its name.
        network: what they have in common.
        faces: that they are trained on.
        rows: their names; none: all.
    """

    table: str
    network: str
    faces: str
    rows: tuple[str, ...] = ()


_NETWORK = 'MobileNetV2, 128 px'
SHOWN = (
    Shown('faces300w_mobilenetv2', _NETWORK, '2,012', ('BN', 'SepBN')),
    Shown('faces300w_peers', _NETWORK, '2,012', ('MMPose, td-reg', 'MMPose, td-reg, flattened map')),
    Shown(
        'faces300w_cnt',
        _NETWORK,
        '2,012, and 2,877 with 5 or 98 landmarks',
        ('BN, CNT + fine-tuning', 'SepBN, CNT + fine-tuning'),
    ),
    Shown('faces300w_strong', 'strong recipe', '2,012'),
)


@dataclass(frozen=True)
class Peer:
    """A line of the table; None is what its source does not state.

    Attributes:
        name: of the network.
        nme: in percent of the distance between the outer eye corners.
        faces: it is trained on.
        boxes: by which faces are cut out.
        source: of the figures.
        fr, auc: FR@0.10 in percent, AUC@0.10 as a fraction.
        macs: multiply-accumulates of a face.
        parameters: their number.
        milliseconds: of a face on one core.
    """

    name: str
    nme: float
    faces: str
    boxes: str
    source: str
    fr: float | None = None
    auc: float | None = None
    macs: float | None = None
    parameters: float | None = None
    milliseconds: float | None = None


def peers_table(results: Results) -> str:
    """The table: rows of ours that have records, networks of the zoo, published figures; the lowest NME comes last."""
    measured = json.loads(COSTS.read_text(encoding='utf-8'))
    costs = measured['costs']
    peers = [*of_records(results, costs), *of_zoo(read_index(FOLDER), costs), *published(PUBLISHED)]
    return f'{markdown(peers)}\n\nMilliseconds: one core of {measured["machine"]["cpu"].partition(" x ")[2]}.'


def published(file: Path) -> list[Peer]:
    """Figures of others, a JSON list of the fields of :class:`Peer`."""
    return [Peer(**entry) for entry in json.loads(file.read_text(encoding='utf-8'))]


def of_records(results: Results, costs: Costs, shown: Iterable[Shown] = SHOWN) -> Iterator[Peer]:
    """The rows that have records, by their means over seeds; tables may be missing."""
    for each in shown:
        for label, records in results.get(each.table, {}).items():
            row = label.removesuffix(STALE)
            if records and (not each.rows or row in each.rows):
                yield Peer(
                    name=f'**{each.network}: {label}**',
                    faces=each.faces,
                    boxes='official',
                    source=f'`run.py {each.table}`',
                    parameters=records[0]['parameters'],
                    **_means([record['metrics']['test'] for record in records], '300w'),
                    **costs.get(each.table, {}).get(row, {}),
                )


def of_zoo(networks: Iterable[ZooNetwork], costs: Costs) -> Iterator[Peer]:
    """The networks whose results name the common test set with annotated boxes."""
    for network in networks:
        rows = network.results.get('annotated boxes', {})
        if '300w/common/NME' in rows:
            yield Peer(
                name=f'**{network.name}**, bundled with the package',
                faces='[zoo.md](zoo.md)',
                boxes='official',
                source='[zoo.md](zoo.md)',
                parameters=network.network['parameters'],
                **_means([rows], '300w/common'),
                **costs.get(ZOO, {}).get(network.name, {}),
            )


def _means(seeds: Sequence[Mapping[str, float]], test_set: str) -> dict[str, float]:
    """Fields of a :class:`Peer` from metrics; those that were not measured are left out."""
    keys = {field: f'{test_set}/{name}' for field, name in _METRICS.items()}
    return {field: mean(metrics[key] for metrics in seeds) for field, key in keys.items() if key in seeds[0]}


def markdown(peers: Iterable[Peer]) -> str:
    """Lines from the highest NME to the lowest; what is None stays empty."""
    return markdown_table(_HEADS, map(_cells, sorted(peers, key=lambda peer: -peer.nme)), 'lrrrrrrl')


def _cells(peer: Peer) -> list[str]:
    numbers: list[tuple[float | None, Callable[[float], str]]] = [
        *((getattr(peer, field), partial(format_metric, name)) for field, name in _METRICS.items()),
        *((value, _count) for value in (peer.macs, peer.parameters)),
        (peer.milliseconds, '{:.1f}'.format),
    ]
    texts = ['' if value is None else text(value) for value, text in numbers]
    return [peer.name, *texts, peer.faces, peer.boxes, peer.source]


def _count(value: float) -> str:
    """Three digits of millions or, where there are a thousand of them, of billions."""
    return f'{value / 1e9:.3g} G' if value >= 1e9 else f'{value / 1e6:.3g} M'
