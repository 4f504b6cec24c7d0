"""Atomic file writes."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

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


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as a JSON file, as :func:`write_whole` does. Raises ValueError for numbers that JSON lacks."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    # Bytes of a file name that are not UTF-8 become JSON's escapes, which reading undoes.
    write_whole(path, f'{text}\n'.encode(errors='backslashreplace'))
