"""Calls in a forked process: what they return, and that the caller outlives whatever they do."""

import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import time

import pytest
from helpers import is_running

from mmsepbn.processes.forked import ForkedCalls, ForkedCrashError, ForkedError


class Target:
    def __init__(self):
        self.count = 0

    def add(self, number):
        self.count += number
        return self.count, os.getpid()

    def crash(self):
        faulthandler.disable()  # pytest's would print a trace
        ctypes.string_at(0)

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self):
        os._exit(3)

    def sleep(self, seconds):
        time.sleep(seconds)

    def fail(self, error):
        raise error

    def leave_a_child(self):
        child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(600,))
        child.start()
        return child.pid

    def crash_with_a_child(self):
        self.leave_a_child()
        self.kill()


@pytest.fixture
def calls():
    with ForkedCalls(Target(), timeout=60) as calls:
        yield calls


def test_the_process_is_another_and_keeps_what_was_done(calls):
    first, process = calls('add', 2)
    assert process != os.getpid()
    assert calls('add', 3) == (5, process)
    assert first == 2


@pytest.mark.parametrize(
    ('method', 'end'),
    [('crash', f'signal {signal.SIGSEGV}'), ('kill', 'signal 9'), ('leave', 'exit status 3')],
)
def test_a_crash_is_told_and_the_next_call_begins_anew(calls, method, end):
    calls('add', 5)
    with pytest.raises(ForkedCrashError, match=end):
        calls(method)
    assert calls('add', 1)[0] == 1


def test_a_process_whose_child_holds_the_pipe_is_seen_to_be_gone(calls):
    with pytest.raises(ForkedCrashError, match='signal 9'):
        calls('crash_with_a_child')


def test_a_call_that_hangs_is_given_up():
    with ForkedCalls(Target(), timeout=0.2) as calls:
        calls('add', 1)
        with pytest.raises(ForkedError, match=r'no answer within 0\.2 seconds'):
            calls('sleep', 600)
        assert calls('add', 4)[0] == 4


@pytest.mark.parametrize(
    ('error', 'line'),
    [
        (ValueError('a:\n  b\n\n  c'), 'a: b; c'),
        (FileNotFoundError('gone'), 'gone'),
        (KeyError('img'), "KeyError: 'img'"),
        (ZeroDivisionError(), 'ZeroDivisionError: '),
    ],
)
def test_an_error_takes_one_line_and_the_process_goes_on(calls, error, line):
    calls('add', 5)
    with pytest.raises(ForkedError) as caught:
        calls('fail', error)
    assert str(caught.value) == line
    assert calls('add', 1)[0] == 6


@pytest.mark.skipif(sys.platform != 'linux', reason='reads /proc')
def test_what_the_process_has_started_ends_with_it():
    with ForkedCalls(Target(), timeout=60) as calls:
        child, process = calls('leave_a_child'), calls('add', 0)[1]
        assert is_running(child)
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.05)
    assert not is_running(child)
    assert not is_running(process)
