#!/usr/bin/env python
"""Measure what grows, and render docs/scale.md; see :mod:`benchmarks.scale.command`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.scale.command import main

if __name__ == '__main__':
    main()
