"""Moved to :mod:`mmsepbn.datasets.formats.image_file`."""

import warnings

from mmsepbn.datasets.formats.image_file import *  # noqa: F403

warnings.warn(f'{__name__} is now mmsepbn.datasets.formats.image_file.', DeprecationWarning, stacklevel=2)
