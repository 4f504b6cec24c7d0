"""A network in two processes that take turns: one keeps the memory it frees, one leaves it to the C library."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context

import torch

from benchmarks.speed.layers import Setting
from benchmarks.speed.measure import Call, interleaved, medians
from benchmarks.speed.networks import NETWORKS, build_network, network_call, network_config
from benchmarks.speed.report import Report, Row
from mmsepbn.processes.freed_memory import keep_freed_memory

_CPU = torch.device('cpu')
_call: Call  # of the process


def add_freed_memory(report: Report, name: str, batch: int, training: bool, seconds: float, small: bool) -> None:
    """A step of training, or inference, with SepBN."""
    key = dict(part='freed memory', network=name, batch=batch, training=training)
    report.measure(key, partial(_measure, (name, batch, training, small), seconds))


def _measure(network: tuple[str, int, bool, bool], seconds: float) -> Row:
    with ExitStack() as stack:
        calls = {}
        for way, kept in (('returned', False), ('kept', True)):
            pool = ProcessPoolExecutor(1, get_context('spawn'), _begin, (kept, *network))
            stack.enter_context(pool)
            calls[way] = lambda pool=pool: pool.submit(_step).result()
        return medians(interleaved(calls, _CPU, seconds), 'returned')


def _begin(kept: bool, name: str, batch: int, training: bool, small: bool) -> None:
    import mmsepbn.registry  # noqa: F401 - of a process that has nothing yet

    global _call
    if kept:
        keep_freed_memory()
    model = build_network(network_config(NETWORKS[name], None, small), _CPU)
    _call = network_call(model, batch, training, _CPU, Setting())
    for _ in range(4):  # until blocks of the kept memory fit
        _call()


def _step() -> None:
    _call()
