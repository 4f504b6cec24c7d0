import gc
import subprocess
import sys

import pytest

from mmsepbn.cli.imports import imports


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_meanwhile_and_what_was_imported_is_left_out_later():
    gc.unfreeze()
    with imports():
        assert not gc.isenabled()
        kept = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > len(kept)
    assert not any(each is kept for each in gc.get_objects())


def test_who_collects_nothing_still_does_so_later():
    gc.disable()
    with imports():
        pass
    assert not gc.isenabled()


def test_a_missing_package_is_named_and_the_collector_goes_on(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmpose', None)
    with pytest.raises(SystemExit, match=r'^error: The package mmpose is missing\. `make env` '), imports():
        import mmpose  # noqa: F401
    assert gc.isenabled()


def test_a_tool_works_with_what_it_imported_left_out():
    code = 'import gc, runpy; runpy.run_path("tools/train.py"); print(gc.isenabled(), gc.get_freeze_count() > 100_000)'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout == 'True True\n'
