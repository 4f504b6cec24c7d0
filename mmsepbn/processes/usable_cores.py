"""How many processes can run at a time."""

import os


def usable_cores() -> int:
    """The CPU cores that this process may use, which under Slurm or ``taskset`` are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
