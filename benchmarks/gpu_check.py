#!/usr/bin/env python
"""Check everything that needs a GPU; see :mod:`benchmarks.gpu.command`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.gpu.command import main

if __name__ == '__main__':
    main()
