import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

from mmsepbn.synthetic import generate_faces, write_wflw


@pytest.fixture(scope='session')
def synthetic_wflw(tmp_path_factory) -> Path:
    """WFLW's official layout with 8 drawn training and 4 test faces."""
    root = tmp_path_factory.mktemp('data') / 'WFLW'
    faces = generate_faces(12, size=128, workers=1)
    write_wflw(root, [next(faces) for _ in range(8)], faces)
    return root


@pytest.fixture
def run_tool(synthetic_wflw, tmp_path):
    """Run a Python script in an empty folder on the synthetic WFLW; returns its output."""

    def run(script, *args, expect=0, **environment):
        import os

        environment = os.environ | dict(TINY_WFLW_ROOT=str(synthetic_wflw), WFLW_ROOT=str(synthetic_wflw)) | environment
        command = [str(ROOT / script), *map(str, args)]
        if not str(script).endswith('.sh'):
            command = [sys.executable, *command]
        environment['PATH'] = f'{Path(sys.executable).parent}:{environment["PATH"]}'
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == expect, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    return run
