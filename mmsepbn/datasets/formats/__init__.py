"""Readers of files: text, JSON, .pts, MATLAB, HDF5, images."""
