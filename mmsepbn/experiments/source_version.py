"""What a result was made with."""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import mmengine
import mmpose
import numpy as np
import torch

import mmsepbn

# Of these a training may use none.
_WHERE_LOADED = ('mmcv', 'mmdet', 'mmpretrain', 'torchvision')
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


def versions() -> dict[str, str]:
    """Those of this package, Python, cuDNN where torch has it, and the loaded frameworks; torch's names its build."""
    cudnn = torch.backends.cudnn.version()
    loaded = {name: getattr(sys.modules.get(name), '__version__', None) for name in _WHERE_LOADED}
    return dict(
        mmsepbn=mmsepbn.__version__,
        python=platform.python_version(),
        torch=str(torch.__version__),
        **({} if cudnn is None else dict(cudnn=str(cudnn))),
        numpy=np.__version__,
        mmengine=mmengine.__version__,
        mmpose=mmpose.__version__,
        **{name: str(version) for name, version in loaded.items() if version},
    )


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
