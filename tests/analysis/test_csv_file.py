import pytest

from mmsepbn.analysis.csv_file import write_records


def test_records_of_other_columns_are_not_dropped(tmp_path):
    write_records(tmp_path / 'a.csv', [dict(a=1, b=2), dict(b=3, a=4)])
    assert (tmp_path / 'a.csv').read_text() == 'a,b\n1,2\n4,3\n'
    for records in ([], [dict(a=1, b=2), dict(a=1)], [dict(a=1), dict(a=1, b=2)]):
        with pytest.raises(ValueError, match='must be of the same columns'):
            write_records(tmp_path / 'a.csv', records)
