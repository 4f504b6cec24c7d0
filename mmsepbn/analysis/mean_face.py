"""Moved to :mod:`mmsepbn.evaluation.mean_face`."""

import warnings

from mmsepbn.evaluation.mean_face import *  # noqa: F403

warnings.warn(f'{__name__} is now mmsepbn.evaluation.mean_face.', DeprecationWarning, stacklevel=2)
