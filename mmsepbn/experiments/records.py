"""Find and store the records of runs."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mmsepbn.experiments.record import Record, RecordError, RunName, name_in, read_record, write_record
from mmsepbn.experiments.results import read_results
from mmsepbn.experiments.set_aside import set_aside


@dataclass(frozen=True)
class Records:
    """Records of this machine's runs, and of runs that are known from elsewhere.

    Attributes:
        folder: one JSON for each run of this machine.
        results: folder of :mod:`results`' two files, if there is one; they are read alone.
    """

    folder: Path
    results: Path | None = None

    def path(self, name: RunName) -> Path:
        """The JSON of a run."""
        return self.folder / name.path.with_name(f'{name.path.name}.json')

    def own(self, name: RunName) -> Record | None:
        """This machine's record of a run; an invalid file is set aside.

        Raises:
            RecordError: the file has the record of another run.
        """
        path = self.path(name)
        try:
            return read_record(path, name) if path.exists() else None
        except RecordError as error:
            other = name_in(path)
            if other is not None and self.path(other) == path:
                raise RecordError(f'{path} must be that of {name}, and is that of {other}: rename one.') from None
            set_aside(path, error)
            return None

    def find(self, name: RunName) -> list[Record]:
        """The record of a run, this machine's first."""
        found = [self.own(name), copy.deepcopy(self._elsewhere().get(name))]
        return [record for record in found if record is not None]

    def keep(self, record: Record, name: RunName) -> None:
        """Write the record; RecordError where it would be set aside."""
        write_record(self.path(name), record, name)

    def seeds(self, name: RunName) -> list[int]:
        """The seeds of the run that have a record, whatever the name's seed."""
        seeds = {each.seed for each in self._elsewhere() if replace(each, seed=name.seed) == name}
        stem = re.escape(name.path.name.removesuffix(str(name.seed)))
        for path in self.path(name).parent.glob('*.json'):
            if found := re.fullmatch(rf'{stem}(0|[1-9][0-9]*)', path.stem):
                seeds.add(int(found[1]))
        return sorted(seeds)

    def _elsewhere(self) -> Mapping[RunName, Record]:
        return read_results(self.results) if self.results is not None else {}
