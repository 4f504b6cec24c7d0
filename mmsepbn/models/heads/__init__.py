"""Heads."""

from mmsepbn.models.heads.landmark_regression_head import LandmarkRegressionHead as LandmarkRegressionHead
from mmsepbn.models.heads.multi_protocol_head import MultiProtocolHead as MultiProtocolHead
