"""Where a stopped run goes on."""

from pathlib import Path


def last_checkpoint(folder: str | Path) -> str | None:
    """The last checkpoint of the run in ``folder``, None where there is none yet.

    MMEngine's file ``last_checkpoint`` holds a whole path, of where the folder lay when it was written; the folder may
    have moved since.
    """
    pointer = Path(folder) / 'last_checkpoint'
    return str(pointer.with_name(Path(pointer.read_text().strip()).name)) if pointer.exists() else None
