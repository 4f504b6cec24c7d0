"""Memory that a process frees stays with it."""

import ctypes
import os

# Parameters of mallopt, from glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_OWN = ('MALLOC_', 'GLIBC_TUNABLES')


def keep_freed_memory() -> bool:
    """Let glibc keep what this process frees, and those forked from it later, for the next allocation.

    A network frees and allocates the same maps in every step. Of blocks this large glibc gives many back to the
    system, and getting them anew, page by page, takes up to a quarter of a training step or a prediction on a CPU, see
    docs/performance.md. PyTorch has no cache of its own for CPUs. The process then holds the most that it ever needed,
    so this is for programs, not for functions that others call.

    Returns:
        Whether it does. Not with a C library other than glibc, nor where a variable ``MALLOC_*`` or
        ``GLIBC_TUNABLES`` of the environment says what to do.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None or any(name.startswith(_OWN) for name in os.environ):
        return False
    return bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, -1))
