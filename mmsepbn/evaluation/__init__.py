"""Metrics."""

from mmsepbn.evaluation.metrics import FaceLandmarkMetric as FaceLandmarkMetric
