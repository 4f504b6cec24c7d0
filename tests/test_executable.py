"""Files that begin as programs can be run as programs."""

import os
import subprocess

import pytest
from helpers import ROOT


@pytest.mark.skipif(not (ROOT / '.git').exists(), reason='this is no clone')
def test_every_tracked_file_with_a_shebang_is_executable():
    names = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in names.split('\0') if name]
    programs = [path for path in files if path.is_file() and path.open('rb').read(2) == b'#!']
    assert len(programs) > 15
    assert [str(path.relative_to(ROOT)) for path in programs if not os.access(path, os.X_OK)] == []
