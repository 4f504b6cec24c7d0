"""MATLAB files before v7.3."""

from pathlib import Path
from typing import Any

import scipy.io
from scipy.io.matlab import MatReadError

from mmsepbn.datasets.annotation import AnnotationError


def read_mat(path: Path) -> dict[str, Any]:
    """The variables of a MATLAB file by name; AnnotationError naming a file that is none."""
    try:
        return scipy.io.loadmat(path)
    except (MatReadError, ValueError, NotImplementedError, OSError) as error:
        raise AnnotationError(f'{path} must be a MATLAB file before v7.3: {error}.') from None
