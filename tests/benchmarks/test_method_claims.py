import re

import numpy as np
import pytest
from helpers import ROOT

from benchmarks.method.claims import CLAIMS
from benchmarks.method.page import Claim, MeasuredTable, render_page
from mmsepbn.experiments.table import Row, Table, read_table

METHOD = ROOT / 'benchmarks' / 'method'


def measured(**rows):
    """A table of records: a row's NME by seed, None for a seed that has not been run."""
    records = {
        row: [
            dict(seed=seed, metrics=dict(test={'300w/NME': nme}), curve=[2.5], parameters=1_000_000, macs=2_000_000)
            for seed, nme in enumerate(values)
            if nme is not None
        ]
        for row, values in rows.items()
    }
    return MeasuredTable(Table('Norms', tuple(Row(row, ()) for row in rows), comparisons=(('a', 'b'),)), records)


def claimed(tmp_path, tables, *claims):
    template = tmp_path / 'page.md.jinja'
    template.write_text('{{ claims() }}')
    return render_page(template, tables, claims).splitlines()[2:]


@pytest.fixture
def tables():
    return dict(one=measured(a=[3.0, 3.1, 3.05], b=[6.0, 6.2, 6.1], c=[3.0, 3.2, 3.05], later=[]))


def test_a_claim_holds_only_where_the_seeds_agree(tables, tmp_path):
    lines = claimed(
        tmp_path,
        tables,
        Claim('better', 'faces', ('one',), 'a', 'b', control='c'),
        Claim('worse', 'faces', ('one',), 'b', 'a'),
        Claim('as good', 'faces', ('one',), 'a', 'c', control='later'),
        Claim('unknown', 'others', ('one',), 'later', 'b'),
    )
    assert lines[0].startswith('| better | faces | holds | -50.0 % (95 %: -5')
    assert '| -1.1 % (95 %: -' in lines[0]
    assert lines[1].startswith('| worse | faces | does not hold | +100.0 %')
    assert lines[2].startswith('| as good | faces | inconclusive | -1.1 %')
    assert lines[2].endswith(' |  |')
    assert lines[3:] == ['', 'Not run: unknown, others.']


def test_of_several_tables_the_mean_counts_by_the_seeds_that_all_have(tables, tmp_path):
    both = Claim('better', 'faces', ('one', 'two'), 'a', 'b')
    # In table two seed 1 of a and seed 2 of b are missing.
    tables['two'] = measured(a=[2.0, None, 3.0], b=[2.0, 3.0, None])
    [line] = claimed(tmp_path, tables, both)
    values = np.array([[3.0, 3.05], [2.0, 3.0]]), np.array([[6.0, 6.2], [2.0, 3.0]])
    change = 100 * np.mean([row.mean() / reference.mean() - 1 for row, reference in zip(*values, strict=True)])
    assert f'| {change:+.1f} % (95 %: ' in line
    tables['two'] = measured(a=[None, None, None, 2.0], b=[2.0, 3.0, 2.5])
    assert claimed(tmp_path, tables, both) == ['', 'Not run: better, faces.']


def test_claims_name_rows_that_exist():
    rows = {path.stem: {row.name for row in read_table(path).rows} for path in (METHOD / 'tables').glob('*.py')}
    for claim in CLAIMS:
        for table in claim.tables:
            assert {claim.row, claim.reference, claim.control} - {None} <= rows[table]


def test_numbers_of_the_findings_are_on_the_page_where_their_paragraph_says():
    sections = re.split(r'\n###? ', (ROOT / 'docs' / 'results.md').read_text())
    by_name = {name: text for text in sections for name in re.findall(r'run\.py (\w+)`\.', text)}
    [by_name['claims']] = [text for text in sections if text.startswith("The paper's claims")]
    findings = (ROOT / 'docs' / 'findings.md').read_text()
    number = r'[+-][\d.]+ % \(95 %: [^)]+\)|[\d.]+ → [\d.]+|[\d.]+ ± [\d.]+|\b\d\.\d{3} M\b'
    paragraphs = [' '.join(text.split()) for text in re.split(r'\n\n|\n- ', findings)]
    quoted = [(value, text) for text in paragraphs for value in re.findall(number, text)]
    assert len(quoted) > 40
    for value, text in quoted:
        named = re.findall(r'\(([`*][^)]*[`*])\)', text)
        tables = [by_name[name] for names in named for name in re.findall(r'\w+', names)]
        assert any(value in table for table in tables), f'{value} of: {text}'


def test_plain_errors_of_the_findings_are_in_the_tables_that_their_sentence_names():
    sections = re.split(r'\n###? ', (ROOT / 'docs' / 'results.md').read_text())
    by_name = {name: text for text in sections for name in re.findall(r'run\.py (\w+)`\.', text)}
    text = ' '.join((ROOT / 'docs' / 'findings.md').read_text().split())
    looked_up = 0
    for sentence in re.split(r'(?<=[.;:]) ', text):
        names = [name for name in re.findall(r'`(\w+)`', sentence) if name in by_name]
        values = re.findall(r'(?<![\d.+-])(?<!± )(?<!→ )\d+\.\d\d(?![\d.]| %| M| [±→])', sentence)
        for value in values if names else ():
            found = any(re.search(rf'(?<![\d.]){value}(?!\d)', by_name[name]) for name in names)
            assert found, f'{value} of: {sentence}'
            looked_up += 1
    assert looked_up > 8
