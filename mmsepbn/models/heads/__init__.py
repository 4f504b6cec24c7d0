"""Heads."""

from mmsepbn.models.heads.landmark_regression_head import LandmarkRegressionHead as LandmarkRegressionHead
