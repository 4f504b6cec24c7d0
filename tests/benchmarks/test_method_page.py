import re
import sys

import pytest
from helpers import ROOT

sys.path.insert(0, str(ROOT / 'benchmarks' / 'method'))

from page import Claim, MeasuredTable, render_page

from mmsepbn.experiments.table import Row, Table, read_table

METHOD = ROOT / 'benchmarks' / 'method'
TABLES = sorted((METHOD / 'tables').glob('*.py'))


def record(nme, deviation=0.0):
    layers = {
        name: dict(deviation=d, by_pose=0.5, by_subset=dict(blur=0.1, pose=d), similarity=dict(scale=1 - d, shift=-d))
        for name, d in (('a', deviation), ('b', 2 * deviation))
    }
    return dict(
        metrics=dict(val={'300w/NME': nme}),
        curve=[2.5],
        parameters=1_000_000,
        macs=2_000_000,
        attention=dict(val=dict(layers=layers, held={'300w/NME': nme + deviation})) if deviation else {},
    )


@pytest.fixture
def tables():
    rows = tuple(Row(name, ()) for name in ('BN', 'SepBN', 'later'))
    table = Table('Norms', rows, part='val', comparisons=(('SepBN', 'BN'), ('later', 'BN')))
    records = {
        'BN': [record(6.0), record(6.2), record(6.1)],
        'SepBN': [record(3.0, 0.1), record(3.1, 0.3), record(3.05, 0.2)],
        'later': [],
    }
    return {'norms': MeasuredTable(table, records)}


def rendered(tables, tmp_path, text, claims=(), **options):
    template = tmp_path / 'page.md.jinja'
    template.write_text(text)
    return render_page(template, tables, claims, **options)


def test_a_page_shows_tables_comparisons_and_attention(tables, tmp_path):
    text = rendered(tables, tmp_path, "{{ table('norms') }}\n\n{{ attention('norms') }}\n")
    assert '| SepBN | 3 | 3.05 ± 0.05 | 2.50 | 1.000 M | 2.0 M |' in text
    assert '- SepBN against BN: -50.0 % (95 %: -' in text
    assert ': lower.\n\nCommand: `benchmarks/method/run.py norms`. Not run: later.\n' in text
    assert '| SepBN | 0.200, 0.400 | 50%, 50% | 0.80, 0.60 | -0.20, -0.40 | 3.05 → 3.25 |' in text
    assert '| BN | 0.' not in text


def test_a_page_shows_what_the_attention_goes_with(tables, tmp_path):
    text = rendered(tables, tmp_path, "{{ attributes('norms', 'SepBN') }}\n\n{{ attributes('norms', 'later') }}")
    assert text.splitlines()[2:] == [
        '| head pose | 50%, 50% |',
        '| blur | 10%, 10% |',
        '| pose | 20%, 40% |',
        '',
        'Not run.',
    ]


def test_one_row_alone_is_not_shown(tables, tmp_path):
    tables['norms'].records['BN'].clear()
    assert rendered(tables, tmp_path, "{{ table('norms') }}") == ('*Norms*: not run; `benchmarks/method/run.py norms`.')


def test_a_sentence_may_quote_a_comparison(tables, tmp_path):
    text = "{{ change('norms', 'SepBN', 'BN') }}; {{ change('norms', 'later', 'BN') }}"
    held = "{{ held('norms', 'SepBN') }}; {{ held('norms', 'BN') }}"
    assert rendered(tables, tmp_path, held) == '3.05 → 3.25; not run'
    assert rendered(tables, tmp_path, text).startswith('-50.0 % (95 %: -')
    assert rendered(tables, tmp_path, text).endswith('); not run')


def test_runs_that_do_not_tell_of_their_attention_are_not_left_out_of_a_mean(tables, tmp_path):
    tables['norms'].records['SepBN'][1]['attention'] = {}
    with pytest.raises(ValueError, match='Of 3 records 2 tell of the attention on val'):
        rendered(tables, tmp_path, "{{ held('norms', 'SepBN') }}")


def test_a_sentence_may_quote_the_mean_change_of_several_tables(tables, tmp_path):
    norms = tables['norms']
    tables['others'] = MeasuredTable(norms.table, {**norms.records, 'SepBN': norms.records['BN']})
    text = "{{ change('both', 'SepBN', 'BN') }}"
    assert rendered(tables, tmp_path, text, pools={'both': ('norms', 'others')}).startswith('-25.0 % (95 %: -')


def test_a_sentence_may_quote_how_many_parameters_a_row_adds(tables, tmp_path):
    tables['norms'].records['SepBN'][0]['parameters'] = 1_017_400
    text = "{{ growth('norms', 'SepBN', 'BN') }}; {{ growth('norms', 'later', 'BN') }}"
    assert rendered(tables, tmp_path, text) == '1.7 %; not run'


def test_a_claim_holds_only_where_the_seeds_agree(tables, tmp_path):
    norms = tables['norms']
    tables['others'] = MeasuredTable(norms.table, {**norms.records, 'SepBN': []})
    claims = [
        Claim('better', ('norms',), 'SepBN', 'BN', target=-8),
        Claim('worse', ('norms',), 'BN', 'SepBN'),
        Claim('itself', ('norms',), 'BN', 'BN'),
        Claim('both', ('norms', 'norms'), 'SepBN', 'BN'),
        Claim('unknown', ('norms',), 'later', 'BN'),
        Claim('one of two', ('norms', 'others'), 'SepBN', 'BN'),
    ]
    lines = rendered(tables, tmp_path, '{{ claims() }}', claims).splitlines()[2:]
    assert lines[0].startswith('| better | holds | -50.0 % (95 %: -')
    assert lines[0].endswith('| -8 % |')
    assert lines[1].startswith('| worse | does not hold | +100.0 %')
    assert lines[2].startswith('| itself | cannot be told | +0.0 %')
    assert lines[3].startswith('| both | holds | -50.0 % (95 %: -')
    assert lines[4:] == ['', 'Not run: unknown; one of two.']


def test_the_page_is_the_rendering_of_the_records(monkeypatch):
    from claims import CLAIMS, POOLS
    from run import OUT, RECORDS

    from mmsepbn.experiments.schedule import known_records

    monkeypatch.chdir(ROOT)
    monkeypatch.delenv('METHOD_SIZE', raising=False)
    tables = {path.stem: read_table(path.relative_to(ROOT)) for path in TABLES}
    measured = {name: MeasuredTable(table, known_records(table, OUT, RECORDS)) for name, table in tables.items()}
    page = render_page(METHOD / 'results.md.jinja', measured, CLAIMS, POOLS)
    assert page == (ROOT / 'docs' / 'results.md').read_text()


def test_the_readme_quotes_means_that_the_page_has():
    section = (ROOT / 'README.md').read_text().partition('## Does it work?')[2].partition('\n## ')[0]
    means = re.findall(r'\d+\.\d+ ± \d+\.\d+', section)
    page = (ROOT / 'docs' / 'results.md').read_text()
    assert means
    assert [mean for mean in means if f'| {mean} |' not in page] == []
