"""Times of calls that take turns, and the memory that one takes."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

Call = Callable[[], Any]
_MOST_ROUNDS = 200


def interleaved(
    calls: Mapping[str, Call], device: torch.device, seconds: float, least: int = 3
) -> dict[str, list[float]]:
    """Seconds of each call in each round: name -> one number a round.

    The calls take turns, so that a busy machine slows all alike, and the order turns around from round to round. Rounds
    go on for ``seconds``, with at least ``least`` and at most 200; one round before them is not counted.
    """
    for call in calls.values():
        seconds_of(call, device)
    times: dict[str, list[float]] = {name: [] for name in calls}
    names, end = list(calls), time.perf_counter() + seconds
    for number in range(_MOST_ROUNDS):
        if number >= least and time.perf_counter() > end:
            break
        for name in names if number % 2 else reversed(names):
            times[name].append(seconds_of(calls[name], device))
    return times


def compare(calls: Mapping[str, Call], device: torch.device, seconds: float, reference: str = 'BN') -> dict[str, Any]:
    """Median milliseconds of each call, their ratios to the reference's, and the bytes that it allocates at most.

    A ratio is the median over rounds of ratios within a round. What was compiled before is forgotten.
    """
    torch.compiler.reset()
    times = interleaved(calls, device, seconds)
    memory = {name: peak_memory(call, device) for name, call in calls.items()}
    counted = {name: held for name, held in memory.items() if held is not None}
    return dict(**medians(times, reference), memory=counted)


def medians(times: Mapping[str, list[float]], reference: str) -> dict[str, Any]:
    """Median milliseconds of each call, and the median over rounds of its ratio to the reference within a round."""
    ratios = {
        name: [own / other for own, other in zip(each, times[reference], strict=True)] for name, each in times.items()
    }
    return dict(
        milliseconds={name: round(1000 * statistics.median(each), 3) for name, each in times.items()},
        ratios={name: round(statistics.median(each), 3) for name, each in ratios.items()},
    )


def seconds_of(call: Call, device: torch.device) -> float:
    """Seconds of one call, to the end of its work on a GPU."""
    wait_for(device)
    start = time.perf_counter()
    call()
    wait_for(device)
    return time.perf_counter() - start


def peak_memory(call: Call, device: torch.device) -> int | None:
    """Bytes that a call has allocated at once at most, beyond those that are held before it.

    None where a device does not count them, as mps.
    """
    call()  # what is allocated once and kept, such as gradients of parameters
    if device.type != 'cpu':
        counter = torch.get_device_module(device)
        if not hasattr(counter, 'max_memory_allocated'):
            return None
        counter.reset_peak_memory_stats(device)
        before = counter.memory_allocated(device)
        call()
        return counter.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as profiled:
        call()
    held = peak = 0
    for event in profiled.profiler.kineto_results.events():  # events() counts what an operation frees itself at once
        if event.name() == '[memory]':
            held += event.nbytes()
            peak = max(peak, held)
    return peak


def wait_for(device: torch.device) -> None:
    """Wait until a GPU has done what it was told."""
    if device.type != 'cpu':
        torch.accelerator.synchronize(device)
