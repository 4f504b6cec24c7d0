"""What figures were measured on and with."""

import platform
from pathlib import Path
from typing import Any

import torch

from mmsepbn.experiments.source_version import source_version, versions

_CPU_INFO = Path('/proc/cpuinfo')


def machine(device: torch.device) -> dict[str, Any]:
    """Device, cores, threads and versions."""
    return dict(
        device=torch.cuda.get_device_name(device) if device.type == 'cuda' else device.type,
        cpu=_cpu(),
        threads=torch.get_num_threads(),
        versions=versions(),
        **source_version(),
    )


def _cpu() -> str:
    lines = _CPU_INFO.read_text().splitlines() if _CPU_INFO.exists() else []
    names = [line.partition(':')[2].strip() for line in lines if 'model name' in line]
    return f'{len(names)} x {names[0]}' if names else platform.processor()
