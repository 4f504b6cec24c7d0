"""Per-face results: their table on disk and their summary by set and subset."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.functional import area_under_ced, failure_rate
from mmsepbn.evaluation.metric_names import with_threshold
from mmsepbn.protocols import get_protocol

_SEPARATOR = ';'


def summarize(results: Sequence[FaceResult], threshold: float = 0.1) -> dict[str, float]:
    """Rows of every data set and of each of its subsets.

    Keys are ``{dataset}/NME`` and ``{dataset}/{subset}/NME``, likewise ``FR_0.10`` and ``AUC_0.10``. NME and failure
    rate are percent, the AUC is a fraction. Each set is followed by its subsets in the protocol's order.
    """
    rows = {}
    for name, values in _groups(results).items():
        errors = np.array(values)
        rows[f'{name}/NME'] = 100 * float(errors.mean())
        rows[f'{name}/{with_threshold("FR", threshold)}'] = 100 * failure_rate(errors, threshold)
        rows[f'{name}/{with_threshold("AUC", threshold)}'] = area_under_ced(errors, threshold)
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
    with path.open('w', encoding='utf-8', newline='') as file:
        writer = csv.DictWriter(file, [field.name for field in fields(FaceResult)])
        writer.writeheader()
        writer.writerows(asdict(r) | {'subsets': _SEPARATOR.join(r.subsets)} for r in results)


def read_csv(path: str | Path) -> list[FaceResult]:
    """Read what :func:`write_csv` wrote. Raises ValueError naming the file and line, or the columns it lacks."""
    with Path(path).open(encoding='utf-8-sig', newline='') as file:
        rows = csv.DictReader(file)
        try:
            if missing := {field.name for field in fields(FaceResult)} - set(rows.fieldnames or ()):
                raise ValueError(f'it lacks {sorted(missing)}')
            results = [_result(row) for row in rows]
        except (ValueError, csv.Error) as error:
            raise ValueError(f'{path} is not a per-face file of this version: line {rows.line_num}: {error}.') from None
    if not results:
        raise ValueError(f'{path} has no faces.')
    return results


def _result(row: Mapping[str, str | None]) -> FaceResult:
    if any(value is None for value in row.values()):
        raise ValueError('a line ends early')
    values = {key: str(value) for key, value in row.items()}
    normalizer, nme = float(values['normalizer']), float(values['nme'])
    if not (normalizer > 0 and 0 <= nme < np.inf):
        raise ValueError(f'normalizer and nme must be positive numbers, got {normalizer} and {nme}')
    return FaceResult(
        dataset=values['dataset'],
        protocol=values['protocol'],
        face_id=int(values['face_id']),
        image=values['image'],
        subsets=tuple(filter(None, values['subsets'].split(_SEPARATOR))),
        normalizer=normalizer,
        nme=nme,
    )
