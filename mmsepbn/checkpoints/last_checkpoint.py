"""Find the checkpoint from which a stopped run continues."""

import logging
from collections.abc import Iterable
from os.path import isfile  # Path.is_file raises where a name is too long
from pathlib import Path
from typing import Any

from mmengine.logging import print_log

from mmsepbn.checkpoints.file import CheckpointError, load_from_local
from mmsepbn.listing import shortened

POINTER = 'last_checkpoint'


class NoTrainingStateError(CheckpointError):
    """An intact file that contains weights but no training state."""


def last_checkpoint(folder: str | Path) -> str | None:
    """The checkpoint from which the run in ``folder`` continues; None if there is no checkpoint yet.

    It is named by MMEngine's file ``last_checkpoint``: in the folder, which may have moved, or else at the stated
    place, as for ``CheckpointHook(out_dir=)``, unless that belongs to another run. If it is missing or damaged, the
    intact checkpoint with the most iterations is used; which one and why is logged. Files with only weights are
    skipped.

    Raises:
        CheckpointError: there are checkpoints, but none is intact; names each.
        OSError, MemoryError, RuntimeError: one cannot be read, whole or not.
    """
    folder = Path(folder)
    named, trouble = _named(folder / POINTER)
    if named is not None:
        try:
            progress(named)
            return str(named)
        except (CheckpointError, FileNotFoundError) as error:
            trouble = str(error)
    folders = {folder, named.parent if named else folder}
    found = [path for place in sorted(folders) for path in trained(place) if path != named]
    whole, broken, weights = _by_progress(found)
    if whole:
        path = max(whole, key=lambda path: (whole[path], path.name))
        reasons = shortened([trouble, *broken], ' ')
        print_log(f'{reasons} The run continues from {path}, the newest complete one.', 'current', logging.WARNING)
        return str(path)
    if named is None and not broken:
        if weights:
            print_log(shortened(weights, ' '), 'current')
        return None
    raise CheckpointError(
        f'{folder} has no complete checkpoint to resume: {shortened([trouble, *broken], " ")} Give a checkpoint, or '
        'start from scratch in another --work-dir.'
    )


def trained(folder: str | Path) -> list[Path]:
    """Checkpoints of a run that contain its full state; those of the best epochs contain only weights."""
    return sorted(path for path in Path(folder).glob('*.pth') if not path.name.startswith(('best_', '.')))


def progress(path: Path) -> int:
    """Number of iterations done in an intact training checkpoint.

    Raises:
        FileNotFoundError, CheckpointError: it is missing, damaged, or has no training state.
    """
    content = load_from_local(str(path), 'meta')
    require_training_state(content, str(path))
    return content['meta']['iter']


def require_training_state(content: dict[str, Any], name: str = 'The checkpoint') -> None:
    """Whether a training can be resumed from it, by the kinds of its parts.

    Raises:
        NoTrainingStateError: a part is missing or of another kind.
        CheckpointError: the epochs or iterations are no numbers.
    """
    parts = dict(meta=dict, state_dict=dict, message_hub=dict, optimizer=dict)
    wrong = [part for part, kind in parts.items() if not isinstance(content.get(part), kind)]
    if wrong:
        raise NoTrainingStateError(
            f'{name} has no training state, so training cannot be resumed from it; it lacks {", ".join(wrong)}. '
            'load_from uses only its weights.'
        )
    for count in ('epoch', 'iter'):
        value = content['meta'].get(count)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise CheckpointError(f'{name}: meta[{count!r}] must be a whole number from 0 on. Got {value!r}.')


def _named(pointer: Path) -> tuple[Path | None, str]:
    """The file that the pointer names, which may not exist; or None and why."""
    if not pointer.is_file():  # nor wait for a FIFO
        return None, f'{pointer} is missing.'
    try:
        stated = Path(pointer.read_text(encoding='utf-8').strip())
    except (OSError, ValueError):
        return None, f'{pointer} cannot be read.'
    if not stated.name or '\0' in str(stated):
        return None, f'{pointer} names no file.'
    beside = pointer.with_name(stated.name)
    elsewhere = len(stated.parts) > 1 and isfile(stated) and not (stated.parent / POINTER).exists()
    return (stated if elsewhere and not isfile(beside) else beside), ''


def _by_progress(paths: Iterable[Path]) -> tuple[dict[Path, int], list[str], list[str]]:
    """Iterations of the intact ones, and what is wrong with the damaged ones and those with only weights."""
    whole: dict[Path, int] = {}
    broken: list[str] = []
    weights: list[str] = []
    for path in paths:
        try:
            whole[path] = progress(path)
        except NoTrainingStateError as error:
            weights.append(str(error))
        except (CheckpointError, FileNotFoundError) as error:
            broken.append(str(error))
    return whole, broken, weights
