"""Landmark metrics as pure functions of numpy arrays."""

from mmsepbn.evaluation.functional.cumulative_error import area_under_ced as area_under_ced
from mmsepbn.evaluation.functional.cumulative_error import cumulative_error as cumulative_error
from mmsepbn.evaluation.functional.cumulative_error import failure_rate as failure_rate
from mmsepbn.evaluation.functional.nme import normalized_mean_error as normalized_mean_error
