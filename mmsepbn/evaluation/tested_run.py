"""Results of a run written by tools/test.py, and a check that runs were tested on the same faces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.metric_names import ORACLE
from mmsepbn.evaluation.per_face import read_csv
from mmsepbn.evaluation.predictions import FacePrediction, read_predictions
from mmsepbn.listing import shortened

_TABLE, _PREDICTIONS = 'per_face.csv', ('predictions.npz', 'predictions.pkl')
Face = TypeVar('Face', FaceResult, FacePrediction)


@dataclass(frozen=True)
class RunFaces:
    """A run's error and prediction of each test face, in one order; ``oracle``: chosen by the ground truth."""

    results: list[FaceResult]
    predictions: list[FacePrediction]
    oracle: bool = False

    def of_set(self, dataset: str) -> 'RunFaces':
        """The faces of one test set."""
        kept = [row for row, result in enumerate(self.results) if result.dataset == dataset]
        return RunFaces([self.results[row] for row in kept], [self.predictions[row] for row in kept], self.oracle)


def read_run(name: str, folder: Path, reference: Sequence[FaceResult]) -> RunFaces:
    """The run ``name`` of a folder with ``per_face.csv`` and ``predictions.npz`` (or MMPose's ``.pkl``).

    Faces come in the order of ``reference``, to which they are matched by data set, number and file name. An oracle's
    rows count as those of its data set.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged, or the faces are not those of ``reference``; names the run and the first ten.
    """
    dumped = next((folder / file for file in _PREDICTIONS if (folder / file).is_file()), folder / _PREDICTIONS[0])
    for file in (folder / _TABLE, dumped):
        if not file.exists():
            wrong = f'has no {file.name}' if folder.is_dir() else 'does not exist'
            raise FileNotFoundError(
                f'{name}: the folder {folder} {wrong}. '
                f'tools/test.py CONFIG CHECKPOINT --per-face {folder / _TABLE} --dump {dumped} writes it.'
            )
    results, sets = read_csv(folder / _TABLE), {face.dataset for face in reference}
    oracle = all(result.dataset not in sets and result.dataset.endswith(ORACLE) for result in results)
    if oracle:
        results = [replace(result, dataset=result.dataset.removesuffix(ORACLE)) for result in results]
    run = RunFaces(
        _in_order(results, reference, f'{name}: {folder / _TABLE}'),
        _in_order(read_predictions(dumped), reference, f'{name}: {dumped}'),
    )
    _check_truth(run, reference, f'{name}: {folder}')
    return replace(run, oracle=oracle)


def _in_order(faces: Iterable[Face], reference: Sequence[FaceResult], source: str) -> list[Face]:
    known: dict[tuple[str, int, str], Face] = {}
    for face in faces:
        if _key(face) in known:
            raise ValueError(f'{source} has the {_name(_key(face))} twice.')
        known[_key(face)] = face
    keys = [_key(face) for face in reference]
    missing, more = set(keys) - set(known), set(known) - set(keys)
    if missing or more:
        different = [f'without {_name(key)}' for key in sorted(missing)] + [f'has {_name(key)}' for key in sorted(more)]
        raise ValueError(
            f'{source} does not hold the {len(keys)} test faces of the config, so nothing can be compared. It lacks '
            f'{len(missing)} and has {len(more)} others:\n  {shortened(different)}'
        )
    return [known[key] for key in keys]


def _check_truth(run: RunFaces, reference: Sequence[FaceResult], source: str) -> None:
    """Compare annotations by the normalizer, predictions by the error."""
    for face, known, predicted in zip(run.results, reference, run.predictions, strict=True):
        if not np.isclose(face.normalizer, known.normalizer, rtol=1e-3):
            raise ValueError(
                f'{source} was tested on other annotations: {_name(_key(face))} has the normalizer '
                f'{face.normalizer:.3f}, in the config {known.normalizer:.3f} pixels.'
            )
        error = normalized_mean_error(
            predicted.predicted[None], predicted.truth[None], np.array([face.normalizer]), predicted.annotated[None]
        )[0]
        if not np.isclose(face.nme, error, rtol=1e-3, atol=1e-6):
            raise ValueError(
                f'{source} holds errors of one test and predictions of another: {_name(_key(face))} has an error of '
                f'{100 * face.nme:.2f} and {100 * error:.2f} %.'
            )


def _key(face: FaceResult | FacePrediction) -> tuple[str, int, str]:
    name = Path(face.image).name.removesuffix('.png')  # COFW's were a.mat#0, and are a.mat#0.png
    return face.dataset, face.face_id, name


def _name(key: tuple[str, int, str]) -> str:
    return f'face {key[1]} of {key[0]}, {key[2]}'
