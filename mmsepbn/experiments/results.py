"""Records of many runs in two files of lines, as they are committed.

``runs.jsonl`` holds a line for each run, numbers to five decimals, and ``configs.jsonl`` one for each distinct set of
deciding settings, which the runs name.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmsepbn.experiments.record import (
    NAME_KEYS,
    Record,
    RecordError,
    RunName,
    check_record,
    parse_json,
)
from mmsepbn.processes.folder_lock import folder_lock
from mmsepbn.whole_file import write_whole

RUNS, CONFIGS = 'runs.jsonl', 'configs.jsonl'
_DECIMALS = 5  # the page shows three at most
_PATIENCE = 60.0  # seconds
# Not useful on another machine.
_LEFT_OUT = ('load_from',)


def read_results(folder: Path) -> Mapping[RunName, Record]:
    """The records of a folder's two files; none where it has none. Do not change them, they are kept.

    Raises:
        RecordError: a line is damaged, or a run appears twice; names the file and the line.
    """
    runs, configs = folder / RUNS, folder / CONFIGS
    return _read(runs, configs, runs.stat().st_mtime_ns, configs.stat().st_mtime_ns) if runs.exists() else {}


@functools.lru_cache(maxsize=2)
def _read(runs: Path, configs: Path, *_: int) -> Mapping[RunName, Record]:
    settings = {line['config']: line['settings'] for _, line in _lines(configs, ('config', 'settings'))}
    found: dict[RunName, Record] = {}
    for place, line in _lines(runs, (*NAME_KEYS, 'config')):
        name = RunName(*(line[key] for key in NAME_KEYS))
        try:
            record = {**line, 'config': settings.get(line['config'])}
            check_record(record, name)
        except RecordError as error:
            raise RecordError(f'{place}: {error}') from None
        if name in found:
            raise RecordError(f'{place}: {name} appears twice.')
        found[name] = record
    return found


def _lines(path: Path, needed: tuple[str, ...]) -> Iterable[tuple[str, dict[str, Any]]]:
    for number, text in enumerate(path.read_bytes().splitlines(), start=1):
        place = f'{path}:{number}'
        try:
            line = parse_json(text)
        except RecordError as error:
            raise RecordError(f'{place}: {error}') from None
        if not isinstance(line, dict) or not set(needed) <= set(line):
            raise RecordError(f'{place}: it must be an object with {needed}.')
        if nested := [key for key in (*NAME_KEYS, 'config') if isinstance(line.get(key), dict | list)]:
            raise RecordError(f'{place}: {nested} must be names or numbers.')
        yield place, line


@contextmanager
def changed_results(folder: Path) -> Iterator[dict[RunName, Record]]:
    """The records of a folder, to be changed within the block; written at its end, with no other process in between.

    Raises:
        FolderInUseError: another process did not let go of the folder for a minute.
        OSError, RecordError: as :func:`write_results`, :func:`read_results`.
    """
    with folder_lock(folder, patience=_PATIENCE):
        records = dict(read_results(folder))
        yield records
        if records:
            write_results(folder, records)
    if not records:
        with suppress(OSError):  # it is not empty
            folder.rmdir()  # which the lock may have made


def write_results(folder: Path, records: Mapping[RunName, Record]) -> None:
    """Rewrite both files, the runs in the order of their names.

    Raises:
        OSError: they cannot be written.
    """
    configs, runs = {}, []
    for name in sorted(records, key=lambda name: (name.table, name.row, name.step, name.seed)):
        record = records[name]
        digest = hashlib.sha256(json.dumps(record['config'], sort_keys=True).encode()).hexdigest()[:10]
        configs[digest] = dict(config=digest, settings=record['config'])
        rest = {key: value for key, value in record.items() if key not in (*NAME_KEYS, *_LEFT_OUT, 'config')}
        runs.append({**asdict(name), 'config': digest, **_rounded(rest)})
    folder.mkdir(parents=True, exist_ok=True)
    # Whatever is interrupted, the runs that are there find their configs.
    write_whole(folder / CONFIGS, _text({**_configs(folder), **configs}.values()))
    write_whole(folder / RUNS, _text(runs))
    write_whole(folder / CONFIGS, _text(configs.values()))


def _configs(folder: Path) -> dict[str, Any]:
    path = folder / CONFIGS
    return {line['config']: line for _, line in _lines(path, ('config', 'settings'))} if path.exists() else {}


def _text(lines: Iterable[Any]) -> bytes:
    return ''.join(f'{json.dumps(line, allow_nan=False)}\n' for line in lines).encode()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
