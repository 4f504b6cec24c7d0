from .metrics.dump_predictions import DumpPredictions as DumpPredictions
from .metrics.face_landmark_metric import FaceLandmarkMetric as FaceLandmarkMetric
