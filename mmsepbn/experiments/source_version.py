"""The source version of a result."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import mmsepbn

_FOLDER = Path(mmsepbn.__file__).resolve().parent


def source_version(package: Path = _FOLDER, left_out: Sequence[str] = ()) -> dict[str, str | bool | None]:
    """``commit`` of the working copy that the package's folder belongs to; ``dirty``: its files differ from that.

    ``left_out`` are names below the folder, patterns too, whose changes do not count.

    Both are None for an installed package, whatever repository surrounds it, and without git.
    """
    top = _git(package, 'rev-parse', '--show-toplevel')
    tracked = _git(package, 'ls-files', '--error-unmatch', '__init__.py')
    if not top or not tracked or Path(top).resolve() != package.parent:
        return dict(commit=None, dirty=None)
    changes = _git(package, 'status', '--porcelain', '--', '.', *(f':(exclude){name}' for name in left_out))
    return dict(commit=_git(package, 'rev-parse', 'HEAD') or None, dirty=None if changes is None else bool(changes))


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says of a folder; None where it fails."""
    # In a hook of another repository these would name that one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith('GIT_')}
    command = ['git', '-C', str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
