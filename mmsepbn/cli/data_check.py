"""The report on a config's data before training; its readers may crash."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.runner import Runner

from mmsepbn.datasets.checks.boxes import doubtful_boxes
from mmsepbn.datasets.checks.found import build_dataset, found_in, labels_of, source_of, wider_face_counts
from mmsepbn.datasets.checks.images import ImageFindings, image_findings
from mmsepbn.datasets.checks.json_kinds import json_kinds
from mmsepbn.datasets.checks.loader import loader_problem, settings_problem
from mmsepbn.datasets.checks.normalizers import normalizer_problems
from mmsepbn.datasets.checks.overlap import FaceId, faces_of
from mmsepbn.datasets.config_sets import SetUse, dataset_configs, loader_configs, map_sets
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.wider_face import MIN_SIZE
from mmsepbn.listing import shortened
from mmsepbn.processes.forked import ForkedCalls, ForkedCrashError, ForkedError
from mmsepbn.run_settings.loaders import without_workers
from mmsepbn.visualization.sample_sheet import sample_row
from mmsepbn.visualization.sheet import Image, stacked
from mmsepbn.write_image import write_image


class Finding(NamedTuple):
    """A line of the report, and whether training is possible with what it describes."""

    sound: bool
    line: str


class DataCheck:
    """Reads the data sets of a config. Its methods are called in a forked process, which keeps what they have read.

    Args:
        config: of a training or test; its default scope must be set.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.loaders = list(loader_configs(config))
        self.uses = list(dataset_configs(config))
        self._read: dict[int, Any] = {}
        self._faces: dict[int, list[FaceId]] = {}

    def found(self, place: int) -> tuple[str, int]:
        """What was found in the set at ``place``, and its number of faces; 0 for a foreign set."""
        dataset = self._dataset(place)
        return found_in(self.uses[place], dataset), len(dataset) if isinstance(dataset, FaceDataset) else 0

    def untestable(self, place: int) -> list[str]:
        """Faces of a test set that have no normalizer."""
        return [] if self.uses[place].training else normalizer_problems(self._dataset(place))

    def doubtful_boxes(self, place: int) -> list[str]:
        """Faces whose box or landmarks may be wrong."""
        return doubtful_boxes(self._dataset(place))

    def json_kinds(self, place: int) -> str | None:
        """Annotations of a JSON that may be no faces."""
        return json_kinds(self._dataset(place))

    def repeated_faces(self, place: int) -> str | None:
        """How many faces of a set appear in it again; None for none."""
        faces = self._faces_of(place)
        again = len(faces) - len(set(faces))
        return f'{again} of the {len(faces)} faces appear again.' if again else None

    def image_findings(self, place: int, begin: int, end: int) -> ImageFindings:
        """What is to say of the images of the faces from ``begin`` to ``end``."""
        return image_findings(self._dataset(place).get_subset(range(begin, end)))

    def image(self, place: int, index: int) -> str:
        """The image of a face."""
        return self._dataset(place).get_data_info(index)['img_path']

    def row(self, place: int) -> Image:
        """Faces of the set as the network gets them."""
        return sample_row(self.uses[place].label, self._dataset(place))

    def trained_faces(self, place: int, training: Sequence[int]) -> str | None:
        """How many faces of the test set at ``place`` are in one of the ``training`` sets; None for none."""
        trained = {face for each in training for face in self._faces_of(each)}
        faces = self._faces_of(place)
        found = sum(face in trained for face in faces)
        return f'{found} of the {len(faces)} test faces are training faces.' if found else None

    def label_counts(self, place: int) -> str | None:
        """Numbers of faces of WIDER FACE by size; None for other sets."""
        config = self.uses[place].config
        labels = labels_of(config)
        return None if labels is None else wider_face_counts(labels, config.get('min_size', MIN_SIZE))

    def loader_problem(self, place: int) -> str | None:
        """What is wrong with the loader at ``place``, with its wrappers around the sets that were read."""
        name, loader = self.loaders[place]
        if problem := settings_problem(loader):
            return problem
        training = name.startswith('train')

        def stand_in(set_name: str, settings: Any) -> Any:
            dataset = self._dataset(self.uses.index(SetUse(set_name, training, settings)))
            return dict(type=lambda **_: dataset)

        settings = dict(loader) | dict(dataset=map_sets(loader['dataset'], stand_in), num_workers=0)
        without_workers({name: settings})
        return loader_problem(Runner.build_dataloader(settings, seed=0), training)

    def _faces_of(self, place: int) -> list[FaceId]:
        if place not in self._faces:
            self._faces[place] = list(faces_of(self._dataset(place)))
        return self._faces[place]

    def _dataset(self, place: int) -> Any:
        if place not in self._read:
            self._read[place] = build_dataset(self.uses[place].config)
        return self._read[place]


def findings(
    config: Mapping[str, Any], images: bool = False, sheet: str | Path | None = None, timeout: float = 1800
) -> Iterator[Finding]:
    """A line or more about each data set and each loader of a config.

    Args:
        config: see :class:`DataCheck`.
        images: look at every image too.
        sheet: image file for some faces of each set; written at the end.
        timeout: seconds that reading one set, or its images, may take.
    """
    check = DataCheck(config)
    if not check.loaders:
        yield Finding(False, 'ERROR the config has no train_dataloader, val_dataloader or test_dataloader.')
    rows: list[Image] = []
    with ForkedCalls(check, timeout) as calls:
        unread: set[int] = set()
        for place, use in enumerate(check.uses):
            try:
                line, count = calls('found', place)
                yield Finding(True, f'{line} [{source_of(use.config)}]')
            except ForkedError as error:
                count = 0
                unread.add(place)
                yield Finding(False, f'{use.label}: ERROR {_cause(error)} [{source_of(use.config)}]')
            yield from _label_counts(calls, place)
            if count:
                yield from _of_faces(calls, place, count, images)
            if count and sheet:
                yield from _drawn(calls, place, rows)
        yield from _overlaps(calls, check.uses, unread)
        for place, (name, _) in enumerate(() if unread else check.loaders):
            if problem := _loader_problem(calls, place):
                yield Finding(False, f'{name}: ERROR {problem}')
    if rows and sheet:
        write_image(sheet, stacked(rows))


def _of_faces(calls: ForkedCalls, place: int, count: int, images: bool) -> Iterator[Finding]:
    yield from _listed('ERROR faces that cannot be tested', _untestable(calls, place))
    with suppress(ForkedError):  # a check that crashes raises no note
        yield from _listed('NOTE boxes or landmarks that may be wrong', calls('doubtful_boxes', place), sound=True)
    with suppress(ForkedError):
        if said := calls('json_kinds', place):
            yield Finding(True, f'  NOTE {said}')
    if images:
        images_said = _image_findings(calls, place, count)
        yield from _listed('NOTE images that viewers rotate', images_said.rotations, sound=True)
        yield from _listed('ERROR images that cannot be used', images_said.problems)


def _overlaps(calls: ForkedCalls, uses: Sequence[SetUse], unread: Container[int]) -> Iterator[Finding]:
    """A note for each set with faces that appear twice, and for each test set with faces of a training set."""
    read = [(place, use) for place, use in enumerate(uses) if place not in unread]
    training = [place for place, use in read if use.training]
    for place, use in read:
        with suppress(ForkedError):  # a check that crashes raises no note
            if said := calls('repeated_faces', place):
                yield Finding(True, f'NOTE {use.label}: {said}')
            if not use.training and training and (said := calls('trained_faces', place, training)):
                yield Finding(True, f'NOTE {use.name}: {said}')


def _label_counts(calls: ForkedCalls, place: int) -> Iterator[Finding]:
    with suppress(ForkedError):  # what was found has it
        if counts := calls('label_counts', place):
            yield Finding(True, counts)


def _drawn(calls: ForkedCalls, place: int, rows: list[Image]) -> Iterator[Finding]:
    """Add the row of a set to ``rows``."""
    try:
        rows.append(calls('row', place))
    except ForkedError as error:
        yield Finding(False, f'  ERROR faces that cannot be drawn: {_cause(error)}')


def _untestable(calls: ForkedCalls, place: int) -> list[str]:
    try:
        return calls('untestable', place)
    except ForkedError as error:
        return [_cause(error)]


def _image_findings(calls: ForkedCalls, place: int, count: int) -> ImageFindings:
    """What is to say of the images of a set; if a decoder crashes, the image is found by bisection."""
    problems, rotations = ImageFindings([], [])
    crash: ForkedCrashError | None = None
    waiting = [(0, count)]
    while waiting:
        begin, end = waiting.pop()
        try:
            found = calls('image_findings', place, begin, end)
            problems += found.problems
            rotations += found.rotations
        except ForkedCrashError as error:
            crash = error
            if end - begin == 1:
                problems.append(f'The image {calls("image", place, begin)} cannot be read: the decoder {error}.')
            else:
                middle = (begin + end) // 2
                waiting += [(middle, end), (begin, middle)]
        except ForkedError as error:
            problems.append(_cause(error))
    if crash and not problems:
        problems.append(f'The decoder {crash}, but not on any single image.')
    # An image may have faces in two halves.
    return ImageFindings(list(dict.fromkeys(problems)), list(dict.fromkeys(rotations)))


def _loader_problem(calls: ForkedCalls, place: int) -> str | None:
    try:
        return calls('loader_problem', place)
    except ForkedError as error:
        return _cause(error)


def _listed(what: str, problems: list[str], sound: bool = False) -> Iterator[Finding]:
    if problems:
        yield Finding(sound, f'  {what}: {len(problems)}\n  {shortened(problems)}')


def _cause(error: ForkedError) -> str:
    return f'the reader {error}' if isinstance(error, ForkedCrashError) else str(error)
