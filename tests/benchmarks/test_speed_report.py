import json

import pytest

from benchmarks.speed.report import Report


@pytest.fixture
def read(tmp_path):
    return lambda: json.loads((tmp_path / 'part.json').read_text())


def test_rows_are_kept_as_they_come_and_errors_are_rows(tmp_path, read):
    report = Report(tmp_path / 'part.json', about=dict(machine='a'))
    assert read() == dict(machine='a', rows=[], left_out=[])
    report.measure(dict(key=1), lambda: dict(value=2))
    assert read()['rows'] == [dict(key=1, value=2)]
    assert not report.failed
    report.measure(dict(key=2), lambda: 1 // 0)
    assert report.failed
    assert read()['rows'][1]['key'] == 2
    assert read()['rows'][1]['error'] == 'ZeroDivisionError: integer division or modulo by zero'
    assert 'line' in read()['rows'][1]['traceback']
    report.measure(dict(key=3), lambda: dict(value=4))
    assert [row['key'] for row in read()['rows']] == [1, 2, 3]


def test_what_takes_longer_than_there_is_time_is_left_out(tmp_path, read):
    report = Report(tmp_path / 'part.json', seconds=100)
    assert 99 < report.left <= 100
    report.measure(dict(key=1), lambda: 1 // 0, seconds=101)
    report.measure(dict(key=2), lambda: dict(value=1), seconds=90)
    assert read() == dict(rows=[dict(key=2, value=1)], left_out=[dict(key=1)])
    assert not report.failed
