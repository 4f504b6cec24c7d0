"""Compare results with their expected ranges."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

Ranges = dict[str, dict[str, tuple[float, float]]]


def read_ranges(path: str | Path) -> Ranges:
    """Metric -> run -> lowest and highest value, of a JSON file such as configs/demo/expected_wflw.json.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
        return {
            metric: {run: (float(low), float(high)) for run, (low, high) in ranges.items()}
            for metric, ranges in content.items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f'{path} must hold metric -> run -> [lowest, highest] as JSON: {error}') from None


def out_of_range(runs: Mapping[str, Mapping[str, float]], expected: Ranges) -> list[str]:
    """A sentence for each result outside its range; missing ones and NaN are outside.

    Args:
        runs: name -> metric rows as FaceLandmarkMetric returns them.
        expected: see :func:`read_ranges`.
    """
    return [
        f'{metric} of {run} must lie between {low:g} and {high:g}. Got {value:.2f}.'
        for metric, ranges in expected.items()
        for run, (low, high) in ranges.items()
        if not low <= (value := runs.get(run, {}).get(metric, math.nan)) <= high
    ]
