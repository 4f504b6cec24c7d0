"""Landmark files of 300W."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, parse_numbers


def read_pts(path: Path, num_landmarks: int) -> NDArray[np.float64]:
    """Landmarks (L, 2) of a .pts file, 0-based; the file counts pixels from 1.

    Raises:
        AnnotationError: no braces, a line that is not two numbers, another number of points, or a header that
            disagrees with it; names file and line.
    """
    lines = path.read_text().splitlines()
    stripped = [line.strip() for line in lines]
    if '{' not in stripped or '}' not in stripped:
        raise AnnotationError(f'{path}: expected the points between a line "{{" and a line "}}".')
    for number, line in enumerate(stripped[: stripped.index('{')], 1):
        if line.startswith('n_points:') and line.removeprefix('n_points:').strip() != str(num_landmarks):
            raise AnnotationError(f'{path}:{number}: expected n_points: {num_landmarks}. Got {line!r}.')
    points = []
    for number in range(stripped.index('{') + 1, stripped.index('}')):
        fields = stripped[number].split()
        if not fields:
            continue
        if len(fields) != 2:
            raise AnnotationError(f'{path}:{number + 1}: expected x and y. Got {len(fields)} fields.')
        points.append(parse_numbers(fields, f'{path}:{number + 1}'))
    if len(points) != num_landmarks:
        raise AnnotationError(f'{path}: expected {num_landmarks} points. Got {len(points)}.')
    return np.array(points) - 1
