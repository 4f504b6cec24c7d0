"""Curves and sheets of faces."""
