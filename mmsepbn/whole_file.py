"""Files that are there whole or not at all."""

import hashlib
import os
from pathlib import Path

_BYTES = 1 << 20


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of which others see the old content or the new one, also after a crash of the machine."""
    part = path.with_name(f'.{path.name}.part')
    try:
        with part.open('wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(_BYTES):
            digest.update(block)
    return digest.hexdigest()
