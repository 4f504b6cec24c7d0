import json

import numpy as np
import pytest
from helpers import ROOT

from mmsepbn.evaluation.expected_results import out_of_range, read_ranges

RUNS = dict(a={'wflw/NME': 5.0, 'wflw/pose/NME': float('nan')}, b={'wflw/NME': 7.0})


@pytest.mark.parametrize(
    ('metric', 'run', 'limits', 'fits'),
    [
        ('wflw/NME', 'a', [4, 6], True),
        ('wflw/NME', 'a', [5, 5], True),
        ('wflw/NME', 'b', [4, 6.99], False),
        ('wflw/NME', 'b', [7.01, 8], False),
        ('wflw/NME', 'c', [0, 100], False),
        ('cofw/NME', 'a', [0, 100], False),
        ('wflw/pose/NME', 'a', [0, 100], False),
    ],
)
def test_what_does_not_lie_in_its_range_is_named(metric, run, limits, fits, tmp_path):
    (tmp_path / 'x.json').write_text(json.dumps({metric: {run: limits}}))
    wrong = out_of_range(RUNS, read_ranges(tmp_path / 'x.json'))
    assert len(wrong) == (not fits)
    assert all(f'{metric} of {run} must lie between {limits[0]} and {limits[1]}. Got ' in each for each in wrong)


@pytest.mark.parametrize(
    'text', ['', '[1]', '{"a": 1}', '{"a": {"b": 1}}', '{"a": {"b": [1]}}', '{"a": {"b": ["x", 1]}}']
)
def test_another_file_is_refused_by_name(text, tmp_path):
    (tmp_path / 'x.json').write_text(text)
    with pytest.raises(ValueError, match=r'x\.json must hold metric -> run -> \[lowest, highest\] as JSON'):
        read_ranges(tmp_path / 'x.json')


@pytest.mark.parametrize('name', ['wflw', 'cofw'])
def test_the_demos_ranges_hold_what_its_page_shows_and_nothing_as_bad_as_the_mean_face(name):
    """The page's table has a run's NME under ``NME % RUN``, in the line of the whole set."""
    (ranges,) = read_ranges(ROOT / 'configs' / 'demo' / f'expected_{name}.json').values()
    lines = [line for line in (ROOT / 'docs' / 'demo.md').read_text().splitlines() if line.startswith('|')]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    row = next(index for index, line in enumerate(cells) if line[0] == name)
    heading = next(line for line in cells[row::-1] if line[0] == 'test set')
    shown = dict(zip(heading, cells[row], strict=True))
    assert out_of_range({run: {name: float(shown[f'NME % {run}'])} for run in ranges}, {name: ranges}) == []
    floor, _ = ranges.pop('mean face')
    assert max(high for _, high in ranges.values()) < floor
    assert np.all([high / low > 1.9 for low, high in ranges.values()])  # another CPU rounds differently
