"""Landmark files of 300W."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, parse_numbers
from mmsepbn.datasets.formats.text_file import read_lines


def pts_files(folder: Path, pattern: str = '*') -> list[Path]:
    """The .pts files of a folder, by name. On foreign disks macOS leaves ``._NAME.pts`` files, which are skipped."""
    found = [file for file in folder.glob(pattern) if file.suffix.lower() == '.pts' and not file.name.startswith('._')]
    return sorted(found)


def read_pts(path: Path, num_landmarks: int, first_pixel: int = 1) -> NDArray[np.float64]:
    """Landmarks (L, 2) of a .pts file, 0-based; the file counts pixels from ``first_pixel``.

    Raises:
        AnnotationError: no braces, a line that is not two numbers, another number of points, or a header that
            disagrees with it; names file and line.
    """
    lines = [line.strip() for line in read_lines(path)]
    begin = lines.index('{') if '{' in lines else len(lines)
    if '}' not in lines[begin:]:
        raise AnnotationError(f'{path}: expected the points between a line "{{" and a line "}}".')
    end = lines.index('}', begin)
    for number, line in enumerate(lines[:begin], 1):
        if line.startswith('n_points:') and line.removeprefix('n_points:').strip() != str(num_landmarks):
            raise AnnotationError(f'{path}:{number}: expected n_points: {num_landmarks}. Got {line!r}.')
    points = []
    for number, line in enumerate(lines[begin + 1 : end], begin + 2):
        if not line:
            continue
        fields = line.split()
        if len(fields) != 2:
            raise AnnotationError(f'{path}:{number}: expected x and y. Got {len(fields)} fields.')
        points.append(parse_numbers(fields, f'{path}:{number}'))
    if len(points) != num_landmarks:
        raise AnnotationError(f'{path}: expected {num_landmarks} points. Got {len(points)}.')
    return np.array(points) - first_pixel
