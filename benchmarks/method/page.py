"""docs/results.md, rendered from the records of the benchmark's runs; no number in it is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import jinja2
from attention import attention_table, attribute_table, held_change

from mmsepbn.experiments.comparison import Comparison, compare, pool
from mmsepbn.experiments.run import Record
from mmsepbn.experiments.summary import default_columns, metric_values, summary_markdown
from mmsepbn.experiments.table import Table


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, or a target of this project, as a comparison of two rows.

    Attributes:
        text: the claim.
        tables: names of the tables that tell; of several the mean change counts.
        row, reference: the row that should be lower, and what it is compared with.
        target: the change in percent that was aimed at, if any.
    """

    text: str
    tables: tuple[str, ...]
    row: str
    reference: str
    target: float | None = None


@dataclass(frozen=True)
class MeasuredTable:
    """A table, and row -> records of its seeds."""

    table: Table
    records: Mapping[str, Sequence[Record]]

    def compare(self, row: str, reference: str) -> Comparison | None:
        """By the first column; None while one of the rows has not been run."""
        if not self.has(row, reference):
            return None
        part = self.table.part
        column = default_columns(self.records, part)[0]
        return compare(*(metric_values(self.records[name], part, column) for name in (row, reference)))

    def growth(self, row: str, reference: str) -> str:
        """How many more parameters ``row`` has, in percent of those of ``reference``."""
        if not self.has(row, reference):
            return 'not run'
        own, others = (self.records[name][0]['parameters'] for name in (row, reference))
        return f'{100 * (own / others - 1):.1f} %'

    def has(self, *rows: str) -> bool:
        """Whether each of the rows has been run with some seed."""
        return all(self.records[row] for row in rows)


def render_page(
    template: Path,
    tables: Mapping[str, MeasuredTable],
    claims: Sequence[Claim],
    pools: Mapping[str, Sequence[str]] = MappingProxyType({}),
    size: str = 'S',
) -> str:
    """Fill the template with ``size`` and the functions below; ``change`` takes a table or a name in ``pools``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent), keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(template.name).render(
        table=lambda name: _table(name, tables[name]),
        change=lambda name, row, reference: str(_pooled(tables, pools.get(name, [name]), row, reference) or 'not run'),
        growth=lambda name, row, reference: tables[name].growth(row, reference),
        attention=lambda name: attention_table(tables[name].records, tables[name].table.part),
        held=lambda name, row: held_change(tables[name].records[row], tables[name].table.part),
        attributes=lambda name, row: attribute_table(tables[name].records[row], tables[name].table.part),
        claims=lambda: _claims(claims, tables),
        size=size,
    )


def _table(name: str, measured: MeasuredTable) -> str:
    """Rows that have been run, comparisons, the command, what has not been run; one row alone tells nothing."""
    table, command = measured.table, f'`benchmarks/method/run.py {name}`'
    done = {row: records for row, records in measured.records.items() if records}
    if len(done) < 2:
        return f'*{table.title}*: not run; {command}.'
    found = ((row, reference, measured.compare(row, reference)) for row, reference in table.comparisons)
    compared = [
        f'- {row} against {reference}: {change}: {change.verdict}.' for row, reference, change in found if change
    ]
    missing = [row for row in measured.records if row not in done]
    paragraphs = (
        summary_markdown(table.title, done, table.part),
        '\n'.join(compared),
        f'Command: {command}.' + (f' Not run: {"; ".join(missing)}.' if missing else ''),
    )
    return '\n\n'.join(filter(None, paragraphs))


def _pooled(tables: Mapping[str, MeasuredTable], names: Sequence[str], row: str, reference: str) -> Comparison | None:
    """The mean change over tables; None while one of them lacks one of the rows."""
    found = [comparison for name in names if (comparison := tables[name].compare(row, reference))]
    return pool(found) if len(found) == len(names) else None


def _claims(claims: Sequence[Claim], tables: Mapping[str, MeasuredTable]) -> str:
    lines = ['| claim | here | change of NME | target |', '| --- | --- | --- | ---: |']
    words = {'lower': 'holds', 'higher': 'does not hold', 'cannot be told': 'cannot be told'}
    missing = []
    for claim in claims:
        found = _pooled(tables, claim.tables, claim.row, claim.reference)
        if found is None:
            missing.append(claim.text)
            continue
        target = f'{claim.target:+.0f} %' if claim.target is not None else ''
        lines.append(f'| {claim.text} | {words[found.verdict]} | {found} | {target} |')
    if missing:
        lines += ['', f'Not run: {"; ".join(missing)}.']
    return '\n'.join(lines)
