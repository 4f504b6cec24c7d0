"""Detect faces in images, and fit their boxes to those that a network was trained with."""
