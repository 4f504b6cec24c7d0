import multiprocessing
import os
import signal
import socket
import threading
import time

import pytest

from mmsepbn.processes.folder_lock import FolderInUseError, folder_lock


def hold(folder, ready):
    with folder_lock(folder):
        ready.set()
        signal.pause()


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock of ``tmp_path / 'run'``."""
    context = multiprocessing.get_context('spawn')
    ready = context.Event()
    process = context.Process(target=hold, args=(tmp_path / 'run', ready))
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_another_process_is_kept_out_until_the_first_is_gone_however_it_ends(holder, tmp_path):
    message = rf'run is in use by process {holder.pid} on {socket.gethostname()}\. Wait'
    for _ in range(2):
        with pytest.raises(FolderInUseError, match=message), folder_lock(tmp_path / 'run'):
            pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with folder_lock(tmp_path / 'run'):
        assert (tmp_path / 'run' / '.lock').read_text().startswith(f'process {os.getpid()} ')
    assert list((tmp_path / 'run').iterdir()) == []


def test_one_process_has_a_folder_once_and_others_beside_it(tmp_path):
    with folder_lock(tmp_path / 'a'), folder_lock(tmp_path / 'b'):
        with pytest.raises(FolderInUseError, match='in use by this process already'), folder_lock(tmp_path / 'a'):
            pass
        (tmp_path / 'link').symlink_to(tmp_path / 'a')
        with pytest.raises(FolderInUseError, match='already'), folder_lock(tmp_path / 'link'):
            pass
    with folder_lock(tmp_path / 'a'):
        pass


def test_a_lock_is_waited_for(holder, tmp_path):
    began = time.monotonic()
    with pytest.raises(FolderInUseError), folder_lock(tmp_path / 'run', patience=0.5):
        pass
    assert time.monotonic() - began >= 0.5
    threading.Timer(0.3, holder.kill).start()
    with folder_lock(tmp_path / 'run', patience=60):
        assert not holder.is_alive()
