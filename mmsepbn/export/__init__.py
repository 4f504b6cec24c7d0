"""Trained networks as self-describing ONNX files."""
