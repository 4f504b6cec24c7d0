"""Per-face results: their table on disk and their summary by set and subset."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from mmsepbn.evaluation.functional import area_under_ced, failure_rate

_SEPARATOR = ';'


@dataclass(frozen=True)
class FaceResult:
    """Error of one face. ``nme`` is a fraction of ``normalizer``, which is in image pixels."""

    dataset: str
    face_id: int
    image: str
    subsets: tuple[str, ...]
    normalizer: float
    nme: float


def summarize(results: Sequence[FaceResult], threshold: float = 0.1) -> dict[str, float]:
    """Rows of every data set and of each of its subsets.

    Keys are ``{dataset}/NME`` and ``{dataset}/{subset}/NME``, likewise ``FR@0.10`` and ``AUC@0.10``. NME and failure
    rate are percent, the AUC is a fraction. Subsets come in the order in which they are first met.
    """
    groups: dict[str, list[float]] = {}
    for result in results:
        groups.setdefault(result.dataset, []).append(result.nme)
    for result in results:
        for subset in result.subsets:
            groups.setdefault(f'{result.dataset}/{subset}', []).append(result.nme)
    rows = {}
    for name, values in groups.items():
        errors = np.array(values)
        rows[f'{name}/NME'] = 100 * float(errors.mean())
        rows[f'{name}/FR@{threshold:.2f}'] = 100 * failure_rate(errors, threshold)
        rows[f'{name}/AUC@{threshold:.2f}'] = area_under_ced(errors, threshold)
    return rows


def write_csv(path: str | Path, results: Iterable[FaceResult]) -> None:
    """One line a face; columns are the fields of FaceResult, subsets joined by ``;``."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', newline='') as file:
        writer = csv.DictWriter(file, [field.name for field in fields(FaceResult)])
        writer.writeheader()
        writer.writerows(asdict(r) | {'subsets': _SEPARATOR.join(r.subsets)} for r in results)


def read_csv(path: str | Path) -> list[FaceResult]:
    """Read what :func:`write_csv` wrote."""
    with Path(path).open(newline='') as file:
        return [
            FaceResult(
                dataset=row['dataset'],
                face_id=int(row['face_id']),
                image=row['image'],
                subsets=tuple(filter(None, row['subsets'].split(_SEPARATOR))),
                normalizer=float(row['normalizer']),
                nme=float(row['nme']),
            )
            for row in csv.DictReader(file)
        ]
