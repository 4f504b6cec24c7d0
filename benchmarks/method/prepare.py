#!/usr/bin/env python
"""Lay out the faces of the method's benchmark; see :mod:`benchmarks.method.prepare_faces`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.method.prepare_faces import main

if __name__ == '__main__':
    main()
