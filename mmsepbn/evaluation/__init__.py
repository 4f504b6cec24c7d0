"""Metrics."""

from mmsepbn.evaluation.metrics import DumpPredictions as DumpPredictions
from mmsepbn.evaluation.metrics import FaceLandmarkMetric as FaceLandmarkMetric
