"""Moved to :mod:`mmsepbn.evaluation.detected_faces`."""

import warnings

from mmsepbn.evaluation.detected_faces import *  # noqa: F403

warnings.warn(f'{__name__} is now mmsepbn.evaluation.detected_faces.', DeprecationWarning, stacklevel=2)
