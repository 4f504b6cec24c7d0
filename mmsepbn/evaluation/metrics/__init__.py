"""Registered metrics."""

from mmsepbn.evaluation.metrics.face_landmark_metric import FaceLandmarkMetric as FaceLandmarkMetric
