"""Registered metrics."""

from mmsepbn.evaluation.metrics.dump_predictions import DumpPredictions as DumpPredictions
from mmsepbn.evaluation.metrics.face_landmark_metric import FaceLandmarkMetric as FaceLandmarkMetric
