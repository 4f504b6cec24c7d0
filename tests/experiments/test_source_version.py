import shutil
import subprocess
import sys
from importlib.metadata import version
from types import SimpleNamespace

import mmcv
import pytest

from mmsepbn.experiments.source_version import source_version, versions

needs_git = pytest.mark.skipif(shutil.which('git') is None, reason='git is not installed')


@pytest.fixture
def repository(tmp_path):
    """A working copy with the package ``faces`` and its first commit."""
    top = tmp_path / 'copy'
    (top / 'faces').mkdir(parents=True)
    (top / 'faces' / '__init__.py').write_text('')
    (top / 'notes.txt').write_text('')
    identity = ('-c', 'user.name=a', '-c', 'user.email=a@b.c')
    for command in (['init', '-q'], ['add', '.'], [*identity, 'commit', '-qm', 'first']):
        subprocess.run(['git', '-C', top, *command], check=True)
    return top


def head(top):
    return subprocess.run(['git', '-C', top, 'rev-parse', 'HEAD'], capture_output=True, text=True).stdout.strip()


@needs_git
def test_a_working_copy_has_a_commit_and_tells_changes_of_the_package(repository):
    package = repository / 'faces'
    assert source_version(package) == dict(commit=head(repository), dirty=False)
    (repository / 'notes.txt').write_text('a result')
    assert source_version(package)['dirty'] is False
    (package / 'new.py').write_text('')
    assert source_version(package) == dict(commit=head(repository), dirty=True)
    (package / 'new.py').unlink()
    (package / '__init__.py').write_text('changed = True')
    assert source_version(package)['dirty'] is True


@needs_git
def test_changes_of_files_that_are_left_out_do_not_count(repository):
    package = repository / 'faces'
    (package / 'zoo').mkdir()
    (package / 'zoo' / 'a.onnx').write_text('')
    assert source_version(package)['dirty'] is True
    assert source_version(package, left_out=('zoo/*.onnx',)) == dict(commit=head(repository), dirty=False)
    (package / 'zoo' / 'a.py').write_text('')
    assert source_version(package, left_out=('zoo/*.onnx',))['dirty'] is True


@needs_git
def test_an_installed_package_has_no_commit_whatever_repository_surrounds_it(repository, tmp_path):
    unknown = dict(commit=None, dirty=None)
    installed = repository / '.venv' / 'lib' / 'site-packages' / 'faces'
    shutil.copytree(repository / 'faces', installed)
    assert source_version(installed) == unknown
    beside = repository / 'untracked'
    shutil.copytree(repository / 'faces', beside)
    assert source_version(beside) == unknown
    shutil.copytree(repository / 'faces', tmp_path / 'alone' / 'faces')
    assert source_version(tmp_path / 'alone' / 'faces') == unknown
    vendored = repository / 'vendored' / 'faces'
    shutil.copytree(repository / 'faces', vendored)
    subprocess.run(['git', '-C', repository, 'add', vendored], check=True)
    assert source_version(vendored) == unknown


@needs_git
def test_a_hook_of_another_repository_changes_nothing(repository, tmp_path, monkeypatch):
    commit = head(repository)
    subprocess.run(['git', 'init', '-q', tmp_path / 'other'], check=True)
    monkeypatch.setenv('GIT_DIR', str(tmp_path / 'other' / '.git'))
    assert source_version(repository / 'faces') == dict(commit=commit, dirty=False)


def test_versions_of_frameworks_are_named_where_these_are_loaded(monkeypatch):
    found = versions()
    assert (found['mmcv'], found['mmengine']) == (mmcv.__version__, version('mmengine'))
    monkeypatch.setitem(sys.modules, 'mmdet', None)
    assert 'mmdet' not in versions()
    monkeypatch.setitem(sys.modules, 'mmdet', SimpleNamespace(__version__='9.9'))
    assert versions()['mmdet'] == '9.9'


def test_a_machine_without_git_has_no_commit(monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    assert source_version() == dict(commit=None, dirty=None)
