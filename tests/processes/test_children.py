import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import ROOT, is_running

from mmsepbn.processes.children import end_children, start_child

# Children that say when they are ready.
STARTER = """
import sys
from mmsepbn.processes.children import end_children, ended_by_signals, start_child
if __name__ == '__main__':
    children = []
    with ended_by_signals():
        try:
            for _ in range(2):
                children.append(start_child(exec, sys.argv[1]))
            children[0].join()
            print('something new', flush=True)
        finally:
            end_children(children, grace=1)
"""
# One write a line: the children share the pipe, and an unbuffered print writes its newline apart.
CHILD = 'import os, signal, time; {}; os.write(1, f"{{os.getpid()}}\\n".encode()); time.sleep(120)'


@pytest.fixture
def start():
    """Start a process whose two children do something first; returns it and their ids."""
    started = []

    def run(first='None'):
        command = [sys.executable, '-c', STARTER, CHILD.format(first)]
        environment = os.environ | dict(PYTHONPATH=str(ROOT))
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        children = [int(process.stdout.readline()) for _ in range(2)]
        started.extend([process.pid, *children])
        assert all(map(is_running, started))
        return process, children

    yield run
    for pid in started:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def wait_until_gone(pids, seconds=60):
    deadline = time.monotonic() + seconds
    while any(map(is_running, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_children_of_a_killed_process_end(start):
    process, children = start()
    process.kill()
    wait_until_gone([process.pid, *children])


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_children_and_nothing_new_begins(start, number):
    process, children = start('signal.signal(signal.SIGTERM, signal.SIG_IGN)')  # so that they have to be killed
    process.send_signal(number)
    assert process.stderr.readline() == f'{number.name}: no new runs start, those in progress are stopped.\n'
    process.send_signal(number)  # changes nothing
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert not any(map(is_running, children))
    assert output == errors == ''


def test_a_child_that_does_not_want_to_end_is_killed():
    child = start_child(signal.pause)
    end_children([child], grace=0)
    assert child.exitcode in (-signal.SIGTERM, -signal.SIGKILL)
    assert not is_running(child.pid)


def test_a_child_never_gets_ctrl_c():
    """The terminal sends it to all; its parent decides what to do."""
    child = start_child(time.sleep, 120)
    for _ in range(5):
        os.kill(child.pid, signal.SIGINT)
        time.sleep(0.1)
    assert is_running(child.pid)
    end_children([child])
