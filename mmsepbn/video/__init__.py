"""Landmarks in videos and from cameras: reading, following faces, smoothing, writing."""
