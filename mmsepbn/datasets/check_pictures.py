"""Moved to :mod:`mmsepbn.datasets.checks.images`."""

import warnings

from mmsepbn.datasets.checks import images

picture_problem, picture_problems = images.image_problem, images.image_problems

warnings.warn(f'{__name__} is now mmsepbn.datasets.checks.images.', DeprecationWarning, stacklevel=2)
