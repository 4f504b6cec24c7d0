#!/usr/bin/env python
"""Measure what SepBN costs and render docs/performance.md; see :mod:`benchmarks.speed.command`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.speed.command import main

if __name__ == '__main__':
    main()
