"""Set aside unusable files of an earlier attempt."""

import itertools
import sys
from pathlib import Path

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.last_checkpoint import NoTrainingStateError, progress, trained


def set_aside(path: Path, reason: object, mark: str = 'broken') -> None:
    """Rename a file or folder to ``NAME.broken`` (``.broken2``, ...), where nothing reads it, or to another ``mark``.

    Standard error says so and why.
    """
    kept = next(
        place
        for number in itertools.count(1)
        if not (place := path.with_name(f'{path.name}.{mark}{number if number > 1 else ""}')).exists()
    )
    try:
        path.rename(kept)
        done = f'set aside as {kept.name}'
    except OSError as error:
        done = f'not used, and cannot be renamed ({error.strerror})'
    print(f'{path} is {done}: {reason}', file=sys.stderr, flush=True)


def whole_checkpoint(path: Path) -> bool:
    """Whether training can be resumed from the checkpoint. A damaged one is set aside, one with only weights stays.

    Raises:
        OSError, MemoryError, RuntimeError: it cannot be read now, whole or not.
    """
    if not path.exists():
        return False
    try:
        progress(path)
    except NoTrainingStateError:
        return False
    except CheckpointError as error:
        set_aside(path, error)
        return False
    return True


def whole_checkpoints(folder: Path) -> list[Path]:
    """Checkpoints from which training can be resumed; damaged ones are set aside."""
    return [path for path in trained(folder) if whole_checkpoint(path)]
