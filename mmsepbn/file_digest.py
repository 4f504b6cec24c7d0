"""Checksums of files."""

import hashlib
from pathlib import Path

_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(_BYTES):
            digest.update(block)
    return digest.hexdigest()
