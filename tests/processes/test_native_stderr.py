"""What libraries in C print."""

import os
import sys

import cv2
import numpy as np

from mmsepbn.processes.native_stderr import native_stderr


def test_lines_of_c_and_of_python_are_collected_and_not_shown(capfd, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    broken = bytearray(cv2.imencode('.jpg', noise)[1].tobytes())
    broken[len(broken) // 2 : len(broken) // 2 + 2] = b'\xff\xd9'
    with os.fdopen(2, 'w', closefd=False) as stderr:
        monkeypatch.setattr(sys, 'stderr', stderr)  # pytest's own is elsewhere
        with native_stderr() as lines:
            os.write(2, b'from C\n')
            print('from Python', file=sys.stderr)
            cv2.imdecode(np.frombuffer(bytes(broken), np.uint8), cv2.IMREAD_COLOR)
    assert sorted(lines) == ['Corrupt JPEG data: premature end of data segment', 'from C', 'from Python']
    assert capfd.readouterr().err == ''
    os.write(2, b'again\n')
    assert capfd.readouterr().err == 'again\n'
