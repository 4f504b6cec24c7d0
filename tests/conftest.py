import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

if 'PYTEST_XDIST_WORKER' in os.environ:  # a worker for each core
    os.environ.setdefault('OMP_NUM_THREADS', '1')

from forked import run_forked
from helpers import ROOT
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w, write_wflw, write_wider_face
from mmsepbn.synthetic import generate_faces

WRITERS = {'WFLW': write_wflw, 'COFW': write_cofw, 'AFLW': write_aflw, '300W': write_face300w}


def pytest_collection_finish():
    """Leave what importing made out of garbage collection: MMEngine's data sets collect whenever one is built."""
    gc.freeze()


@pytest.fixture(autouse=True)
def workers_end_with_their_test(monkeypatch):
    """End loader workers with the test that started them.

    Runners are part of reference cycles. When these are collected, the loaders' queues go first, no worker is asked to
    end, and PyTorch waits 5 seconds for each.
    """
    kept, others = [], []
    start = _MultiProcessingDataLoaderIter.__init__

    def recorded(self, loader):
        start(self, loader)
        kept.append(self) if loader.persistent_workers else others.append(weakref.ref(self))

    monkeypatch.setattr(_MultiProcessingDataLoaderIter, '__init__', recorded)
    yield
    for iterator in [*kept, *(found for other in others if (found := other()) is not None)]:
        iterator._shutdown_workers()


@pytest.fixture(scope='session')
def synthetic_faces(tmp_path_factory) -> Path:
    """All five official layouts with 8 drawn training and 4 test faces each."""
    root = tmp_path_factory.mktemp('faces')
    faces = list(generate_faces(12, size=128, workers=1))
    for name, writer in WRITERS.items():
        writer(root / name, faces[:8], faces[8:])
    write_wider_face(root / 'WIDER_FACE', faces[:8])
    return root


@pytest.fixture(scope='session')
def synthetic_wflw(synthetic_faces) -> Path:
    """WFLW's official layout with 8 drawn training and 4 test faces."""
    return synthetic_faces / 'WFLW'


@pytest.fixture
def run_tool(synthetic_faces, tmp_path):
    """Run a Python script, or a shell script, in an empty folder on the synthetic faces; returns its output."""

    def run(script, *arguments, expect=0, **environment):
        environment = dict(FACES_ROOT=str(synthetic_faces)) | environment
        if str(script).endswith('.sh'):
            environment['PATH'] = f'{Path(sys.executable).parent}:{os.environ["PATH"]}'
            command = [str(ROOT / script), *map(str, arguments)]
            done = subprocess.run(command, cwd=tmp_path, env=os.environ | environment, capture_output=True, text=True)
            status, output = done.returncode, done.stdout + done.stderr
        else:
            status, output = run_forked(ROOT / script, arguments, tmp_path, environment)
        assert status == expect, output[-6000:]
        return output

    return run
