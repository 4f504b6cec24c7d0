"""Moved to :mod:`mmsepbn.analysis.mean_ablation`."""

import warnings

from mmsepbn.analysis.mean_ablation import mean_ablated as held_attention  # noqa: F401

warnings.warn(f'{__name__} is now mmsepbn.analysis.mean_ablation.', DeprecationWarning, stacklevel=2)
