"""docs/results.md, rendered from the records of the benchmark's runs; no number in its tables is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.method.attention import attention_table, attribute_table
from benchmarks.method.columns import column_table
from benchmarks.method.data_curve import OF_FACES, Curves, curves
from benchmarks.method.peers import peers_table
from mmsepbn.experiments.comparison import Comparison, compare, comparison_lines
from mmsepbn.experiments.known_rows import STALE
from mmsepbn.experiments.record import Record
from mmsepbn.experiments.summary import default_columns, metric_values, summary_markdown
from mmsepbn.experiments.table import Table
from mmsepbn.markdown_table import markdown_table
from mmsepbn.page_template import page_template


@dataclass(frozen=True)
class Claim:
    """A claim of the paper as a comparison of two rows: the NME of ``row`` is lower than that of ``reference``.

    Attributes:
        text: the claim.
        faces: what it is measured on, for the reader.
        tables: names of the tables that tell; of several the mean change counts.
        row, reference: the two rows.
        control: a third row, with which ``row`` is compared as well.
    """

    text: str
    faces: str
    tables: tuple[str, ...]
    row: str
    reference: str
    control: str | None = None


@dataclass(frozen=True)
class MeasuredTable:
    """A table and what is known of it.

    Attributes:
        table: the table.
        records: row -> records of its seeds.
        stale: row -> what has changed in its settings since some of these were made, where something has.
    """

    table: Table
    records: Mapping[str, Sequence[Record]]
    stale: Mapping[str, str] = field(default_factory=dict)

    def label(self, row: str) -> str:
        """The row's name, marked where it is stale."""
        return row + (STALE if row in self.stale else '')

    def labelled(self) -> dict[str, Sequence[Record]]:
        """The records of the rows that have been run, by their labels."""
        return {self.label(row): records for row, records in self.records.items() if records}

    def by_seed(self, row: str) -> dict[int, float]:
        """Seed -> the row's value in the table's first column."""
        records = self.records[row]
        if not records:
            return {}
        column = default_columns(self.records, self.table.split)[0]
        values = metric_values(records, self.table.split, column)
        return {record['seed']: value for record, value in zip(records, values, strict=True)}

    def curves(self) -> Curves:
        """Of rows that state a number of faces, see :func:`benchmarks.method.data_curve.curves`.

        Empty while a way of training has fewer than three numbers of faces: a straight line would mislead.
        """
        found = curves({row: list(self.by_seed(row).values()) for row in self.records if OF_FACES.fullmatch(row)})
        return found if all(len(points) > 2 for points in found.values()) else {}


def render_page(template: Path, tables: Mapping[str, MeasuredTable], claims: Sequence[Claim], size: str = 'S') -> str:
    """Fill the template with ``size`` and the functions below."""
    return page_template(template).render(
        # ``caller`` gives the body of {% call %}.
        table=lambda name, columns=None, caller=lambda: '': _table(name, tables[name], columns, caller().strip()),
        curve=lambda name: _curve(name, tables[name], size),
        attention=lambda name: attention_table(tables[name].labelled(), tables[name].table.split),
        attributes=lambda name, row: attribute_table(tables[name].records[row], tables[name].table.split),
        claims=lambda: _claims(claims, tables),
        peers=lambda: peers_table({name: measured.labelled() for name, measured in tables.items()}),
        size=size,
    )


def curve_image(name: str, size: str) -> str:
    """Where the curve of a table lies below docs/."""
    return f'images/{name}_{size}.png'


def _curve(name: str, measured: MeasuredTable, size: str) -> str:
    return f'![{measured.table.title}]({curve_image(name, size)})' if measured.curves() else ''


def _table(name: str, measured: MeasuredTable, columns: Mapping[str, str] | None, introduction: str) -> str:
    """Introduction, rows that have been run, comparisons, the command, what has not been run.

    ``columns`` are headings and metrics, of which rows may lack some; None: the default ones. One row alone tells
    nothing.
    """
    table, command = measured.table, f'`benchmarks/method/run.py {name}`'
    done = measured.labelled()
    if len(done) < 2:
        return f'*{table.title}*: {f"only {next(iter(done))} was run" if done else "not run"}; {command}.'
    pairs = [(measured.label(row), measured.label(reference)) for row, reference in table.comparisons]
    missing = [row for row, records in measured.records.items() if not records]
    stale = [f'{row} ({change})' for row, change in measured.stale.items()]
    titled = (
        column_table(table.title, done, table.split, columns)
        if columns
        else summary_markdown(table.title, done, table.split)
    )
    title, rows = titled.split('\n\n', 1)
    paragraphs = (
        title,
        introduction,
        rows,
        '\n'.join(comparison_lines(pairs, done, table.split)),
        f'Command: {command}.'
        + (f' Not run: {"; ".join(missing)}.' if missing else '')
        + (f' Stale, of other settings than today: {"; ".join(stale)}.' if stale else ''),
    )
    return '\n\n'.join(filter(None, paragraphs))


def _compared(tables: Sequence[MeasuredTable], row: str, reference: str) -> Comparison | None:
    """By the first column, over the seeds that all tables have; None where there are none yet."""
    values, references = (_common([table.by_seed(name) for table in tables]) for name in (row, reference))
    return compare(values, references) if values[0] and references[0] else None


def _common(tables: Sequence[Mapping[int, float]]) -> list[list[float]]:
    """Tables x seeds: the values of the seeds that all tables have."""
    seeds = sorted(set.intersection(*map(set, tables)))
    return [[table[seed] for seed in seeds] for table in tables]


def _claims(claims: Sequence[Claim], tables: Mapping[str, MeasuredTable]) -> str:
    words = {'lower': 'holds', 'higher': 'does not hold', 'inconclusive': 'inconclusive'}
    rows, missing = [], []
    for claim in claims:
        told = [tables[name] for name in claim.tables]
        found = _compared(told, claim.row, claim.reference)
        if found is None:
            missing.append(f'{claim.text}, {claim.faces}')
            continue
        control = claim.control and _compared(told, claim.row, claim.control)
        stale = STALE if any({claim.row, claim.reference, claim.control} & {*table.stale} for table in told) else ''
        rows.append([claim.text, claim.faces, words[found.verdict] + stale, str(found), str(control or '')])
    head = ['claim, as we test it', 'measured on', 'here', 'change of NME', 'against the control']
    return markdown_table(head, rows, 'l') + (f'\n\nNot run: {"; ".join(missing)}.' if missing else '')
