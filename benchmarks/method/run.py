#!/usr/bin/env python
"""Run tables of the method's benchmark and render its page; see :mod:`benchmarks.method.command`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.method.command import main

if __name__ == '__main__':
    main()
