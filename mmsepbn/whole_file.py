"""Atomic file writes."""

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

_DIGITS = 8


def part_of(path: Path) -> Path:
    """A temporary name next to ``path``, unique to this call."""
    return path.with_name(f'.{path.name}.{token_hex(_DIGITS // 2)}.part')


def remove_parts(folder: Path, name: str) -> None:
    """Remove temporary files left by killed processes, of files ``name``, a glob pattern that no process is writing."""
    for part in folder.glob(f'.{name}.{"[0-9a-f]" * _DIGITS}.part'):
        part.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, check: Callable[[Path], None] | None = None) -> None:
    """Write a file atomically: others see the old or the new content, even after a crash of the machine.

    Args:
        path: the file.
        content: of it.
        check: of the new file while it still has a temporary name; if it raises, ``path`` stays as it is.
    """
    part = part_of(path)
    try:
        with part.open('xb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if check is not None:
            check(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
