"""Moved to :mod:`mmsepbn.apis.detected_faces`."""

import warnings

from mmsepbn.apis.detected_faces import *  # noqa: F403

warnings.warn(f'{__name__} is now mmsepbn.apis.detected_faces.', DeprecationWarning, stacklevel=2)
