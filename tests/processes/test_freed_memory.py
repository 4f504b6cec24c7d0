"""Memory that was freed comes back without the system's help, which counts each page that it hands out."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

# Pages of 4 KiB handed out while 200 MiB are filled and freed, ten times. Blocks below 32 MiB glibc may keep by itself.
PAGES = """
import resource
import torch
{imported}

def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def step():
    maps = [torch.ones(40, 2**20 // 4) for _ in range(5)]

print(int({keep}))
for _ in range(5):  # until blocks of the kept memory fit
    step()
before = pages()
for _ in range(10):
    step()
print(pages() - before)
"""
BLOCKS = 10 * 200 * 2**20 // 4096


IMPORT = 'from mmsepbn.processes.freed_memory import keep_freed_memory'


def pages(keep: str, imported: str = IMPORT, **variables: str) -> tuple[bool, int]:
    """Whether memory is said to be kept, and the pages handed out, in a process of its own."""
    code = PAGES.format(keep=keep, imported=imported)
    done = subprocess.run([sys.executable, '-c', code], env=variables, capture_output=True, text=True, check=True)
    kept, count = done.stdout.split()[-2:]
    return kept == '1', int(count)


def test_pages_are_handed_out_once() -> None:
    assert pages('False') == (False, pytest.approx(BLOCKS, rel=0.1))
    kept, count = pages('keep_freed_memory()')
    assert kept
    assert count < BLOCKS / 100


@pytest.mark.skipif(torch.cuda.is_available(), reason='the network would not run on the CPU')
def test_a_runner_on_a_cpu_keeps_memory(tmp_path: Path) -> None:
    made = f'bool(CheckedRunner(torch.nn.Linear(1, 1), {str(tmp_path)!r}))'
    assert pages(made, 'from mmsepbn.engine.checked_runner import CheckedRunner')[1] < BLOCKS / 100


@pytest.mark.parametrize(
    ('variable', 'value'), [('MALLOC_TRIM_THRESHOLD_', '131072'), ('GLIBC_TUNABLES', 'glibc.malloc.arena_max=2')]
)
def test_settings_of_the_environment_are_left_alone(variable: str, value: str) -> None:
    kept, _ = pages('keep_freed_memory()', **{variable: value})
    assert not kept
