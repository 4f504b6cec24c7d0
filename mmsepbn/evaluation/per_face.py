"""Per-face results: their table on disk and their summary by set and subset."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from mmsepbn.evaluation.functional import area_under_ced, failure_rate
from mmsepbn.protocols import get_protocol

_SEPARATOR = ';'


@dataclass(frozen=True)
class FaceResult:
    """Error of one face. ``nme`` is a fraction of ``normalizer``, which is in image pixels."""

    dataset: str
    protocol: str
    face_id: int
    image: str
    subsets: tuple[str, ...]
    normalizer: float
    nme: float


def summarize(results: Sequence[FaceResult], threshold: float = 0.1) -> dict[str, float]:
    """Rows of every data set and of each of its subsets.

    Keys are ``{dataset}/NME`` and ``{dataset}/{subset}/NME``, likewise ``FR@0.10`` and ``AUC@0.10``. NME and failure
    rate are percent, the AUC is a fraction. Each set is followed by its subsets in the protocol's order.
    """
    rows = {}
    for name, values in _groups(results).items():
        errors = np.array(values)
        rows[f'{name}/NME'] = 100 * float(errors.mean())
        rows[f'{name}/FR@{threshold:.2f}'] = 100 * failure_rate(errors, threshold)
        rows[f'{name}/AUC@{threshold:.2f}'] = area_under_ced(errors, threshold)
    return rows


def _groups(results: Iterable[FaceResult]) -> dict[str, list[float]]:
    """Errors of each data set and subset, in the order of the rows."""
    groups: dict[tuple[str, int, str], list[float]] = {}
    for result in results:
        known = get_protocol(result.protocol).subsets
        groups.setdefault((result.dataset, -1, ''), []).append(result.nme)
        for subset in result.subsets:
            place = known.index(subset) if subset in known else len(known)
            groups.setdefault((result.dataset, place, f'/{subset}'), []).append(result.nme)
    sets = list(dict.fromkeys(dataset for dataset, _, _ in groups))
    order = sorted(groups, key=lambda key: (sets.index(key[0]), *key[1:]))
    return {f'{dataset}{subset}': groups[dataset, place, subset] for dataset, place, subset in order}


def write_csv(path: str | Path, results: Iterable[FaceResult]) -> None:
    """One line a face; columns are the fields of FaceResult, subsets joined by ``;``."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', newline='') as file:
        writer = csv.DictWriter(file, [field.name for field in fields(FaceResult)])
        writer.writeheader()
        writer.writerows(asdict(r) | {'subsets': _SEPARATOR.join(r.subsets)} for r in results)


def read_csv(path: str | Path) -> list[FaceResult]:
    """Read what :func:`write_csv` wrote. Raises ValueError naming the file and the columns it lacks."""
    with Path(path).open(newline='') as file:
        rows = csv.DictReader(file)
        if missing := {field.name for field in fields(FaceResult)} - set(rows.fieldnames or ()):
            raise ValueError(f'{path} is no per-face file of this version: it lacks {sorted(missing)}.')
        return [
            FaceResult(
                dataset=row['dataset'],
                protocol=row['protocol'],
                face_id=int(row['face_id']),
                image=row['image'],
                subsets=tuple(filter(None, row['subsets'].split(_SEPARATOR))),
                normalizer=float(row['normalizer']),
                nme=float(row['nme']),
            )
            for row in rows
        ]
