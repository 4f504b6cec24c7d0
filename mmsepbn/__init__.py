"""Separable Batch Normalization and Cross-protocol Network Training for facial landmarks, as an MMPose plugin."""

__version__ = '0.1.0'
