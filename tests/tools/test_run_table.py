"""What tools/run_table.py says; tests/experiments/test_run.py has what it runs."""

import runpy
import sys

import pytest
from helpers import ROOT

from mmsepbn.experiments import known_rows, schedule
from mmsepbn.experiments.run import Known

RECORD = dict(metrics=dict(test={'wflw/NME': 5.0}), curve=[1.0], parameters=1000, macs=1000)


def test_failed_runs_are_told_though_a_column_is_misspelt(tmp_path, monkeypatch):
    tiny = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
    (tmp_path / 'table.py').write_text(f"title = 'Tiny'\nbase = '{tiny}'\nrows = {{'SepBN': {{}}}}\n")
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    monkeypatch.setattr(schedule, 'run_tables', lambda *_: ['table/BN-s0 failed'])
    monkeypatch.setattr(known_rows, 'known_rows', lambda *_: {'SepBN': [Known(RECORD, [])]})
    out = ('--out', str(tmp_path / 'runs'))
    for columns, said in (((), '1 of the runs have no result'), (('--columns', 'wflw/NMEE'), "no metric 'wflw/NMEE'")):
        monkeypatch.setattr(sys, 'argv', ['run_table.py', str(tmp_path / 'table.py'), *out, *columns])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / 'tools' / 'run_table.py'), run_name='__main__')
        assert said in end.value.code
        assert 'table/BN-s0 failed' in end.value.code
