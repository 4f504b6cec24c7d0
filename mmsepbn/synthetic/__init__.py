"""Procedural faces with the landmarks of all five protocols: data for demonstration, tests and method comparison."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # names: __init__.pyi
