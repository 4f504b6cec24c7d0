"""The folder of results: no name collisions, no unrequested replacements, atomic writes."""

import os
from collections.abc import Iterable
from functools import partial
from itertools import chain, count
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from mmsepbn.made_folders import missing_folders, remove_empty
from mmsepbn.outputs.growing_file import GrowingFile, named_errors
from mmsepbn.whole_file import write_whole


class OutputFolder:
    """Writes files into a folder, which is created if missing; call :meth:`remove_empty` at the end.

    Args:
        folder: the output folder.
        inputs: files that are never written, whatever their names.
        overwrite: replace files of earlier runs.
    """

    def __init__(self, folder: str | Path, inputs: Iterable[str] = (), overwrite: bool = False) -> None:
        self.folder = Path(os.path.expanduser(folder))
        self._inputs = {os.path.realpath(path) for path in inputs}
        self._overwrite = overwrite
        self._taken: set[str] = set()
        self._made: list[Path] = []

    def own_stem(self, name: str) -> str:
        """A stem for the files of ``name``, a relative path: unique, also regardless of case.

        ``a/b.jpg`` has ``a/b``, or ``a/b_jpg`` where that is taken, or one with a number.
        """
        path = PurePosixPath(name)
        stem = str(path.with_suffix(''))
        longer = '_'.join((stem, *path.suffixes[-1:])).replace('_.', '_')
        candidates = chain((stem, longer), (f'{longer}_{number}' for number in count(2)))
        own = next(candidate for candidate in candidates if candidate.casefold() not in self._taken)
        self._taken.add(own.casefold())
        return own

    def refuse_existing(self, names: Iterable[str]) -> None:
        """Check before the work whether files can be written.

        Raises:
            FileExistsError: files are there and may not be replaced; names the first.
            OSError: the folder cannot be made or written; names it.
        """
        try:
            self._make(self.folder)
            NamedTemporaryFile(dir=self.folder).close()
        except OSError as error:
            self.remove_empty()
            raise OSError(f'The folder {str(self.folder)!r} cannot be written: {error.strerror}.') from None
        if problems := [problem for name in names if (problem := self._problem(self.folder / name))]:
            more = f' The same applies to {len(problems) - 1} more.' if len(problems) > 1 else ''
            raise FileExistsError(f'{problems[0]}{more}')

    def write(self, name: str, content: bytes) -> None:
        """Write a file. Raises FileExistsError where it may not be replaced, OSError where it cannot be written."""
        path = self._free(name)
        with named_errors(path):
            self._make(path.parent)
            write_whole(path, content)

    def create(self, name: str) -> GrowingFile:
        """Open a file to be written piece by piece; opening and closing it raise as :meth:`write`."""
        path = self._free(name)
        with named_errors(path):
            self._make(path.parent)
        return GrowingFile(path, check=partial(self._free, name))

    def _free(self, name: str) -> Path:
        path = self.folder / name
        if problem := self._problem(path):
            raise FileExistsError(problem)
        return path

    def remove_empty(self) -> None:
        """Remove created folders that are empty because everything meant for them failed."""
        remove_empty(self._made)

    def _make(self, folder: Path) -> None:
        self._made = missing_folders(folder) + self._made
        folder.mkdir(parents=True, exist_ok=True)

    def _problem(self, path: Path) -> str | None:
        """Why a file is not written."""
        if os.path.realpath(path) in self._inputs:
            return f'{path} is an input image and is not replaced: choose another folder with --out.'
        if os.path.exists(path) and not self._overwrite:  # unlike the method, False of a name that is too long
            return f'{path} exists already: replace it with --overwrite, or choose another folder with --out.'
        return None
