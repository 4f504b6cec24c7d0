"""Landmarks of the faces in images."""

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from io import IOBase
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmsepbn.apis.confidence import crop_changes
from mmsepbn.apis.cut import PLAIN, Cut, cut_face, disagreements, passes_of
from mmsepbn.apis.face import Face
from mmsepbn.apis.image import ShownImage, open_image
from mmsepbn.apis.load_network import load_network
from mmsepbn.datasets.annotation import box_problem
from mmsepbn.detectors.detector import (
    Detector,
    Found,
    LimitedDetector,
    Limits,
    SearchingDetector,
    boxes_of,
    checked_found,
)
from mmsepbn.detectors.given_boxes import UNNAMED, GivenBoxes
from mmsepbn.detectors.make import DETECTORS, make_detector
from mmsepbn.detectors.whole import WholeImage
from mmsepbn.fitted.box_map import box_map_for
from mmsepbn.runtime.network import Network
from mmsepbn.suggestion import suggestion

if TYPE_CHECKING:
    import torch
    from mmengine.config import Config

Image = str | os.PathLike[str] | NDArray[np.uint8] | ShownImage


class _Waiting(NamedTuple):
    """A face that is cut out: the place and the name of its image, its box (4,), the detector and its score."""

    image: int
    name: str
    box: NDArray[np.float64]
    detector: str | None
    score: float | None
    cut: Cut


class FaceLandmarker:
    """Finds landmarks in images, by a checkpoint or by an ONNX file, which needs no torch.

    Args:
        config: config of the network, a file or read by MMEngine; or an ``.onnx`` file of ``tools/export.py``; or the
            name of a bundled network (docs/zoo.md), by default the first; or any Network.
        checkpoint: checkpoint of the config, or the name of a bundled network; without a config, one that contains it.
        faces: how faces are detected if no boxes are given, see :func:`make_detector`; or a detector. ``auto`` is also
            ``haar`` if the network's boxes were fitted to it and not to MTCNN.
        protocol: protocols to predict: a name, several, or ``all`` branches of the network.
        batch_size: number of faces, of one image or several, that go through the network at once.
        max_faces: maximum number of faces of an image, the largest; None: all.
        min_size: minimum length of the longer side of a face's box in pixels.
        min_score: minimum detector score, 0 to 1.
        confidence: number of passes over changed crops that estimate the confidence of each face; 0: it stays None.
        device: ``cpu``, ``cuda`` or ``cuda:1``; any other device of torch, or, for an ONNX file or a bundled network, a
            provider of onnxruntime such as ``tensorrt``. A detector of MMDetection runs on one of the first three too,
            else on the CPU.

    Raises:
        ValueError, FileNotFoundError: an argument is wrong, or a file is missing or not what it should be.
    """

    def __init__(
        self,
        config: 'str | Path | Config | Network | None' = None,
        checkpoint: str | Path | None = None,
        *,
        faces: str | Path | Detector = 'auto',
        protocol: str | Sequence[str] = 'all',
        batch_size: int = 16,
        max_faces: int | None = None,
        min_size: float = 0.0,
        min_score: float = 0.0,
        confidence: int = 0,
        device: 'str | torch.device' = 'cpu',
    ) -> None:
        for name, value in (('batch_size', batch_size), ('confidence', confidence)):
            if not isinstance(value, Integral):
                raise ValueError(f'FaceLandmarker({name}=) must be an integer. Got {value!r}.')
        is_detector = callable(faces) and isinstance(getattr(faces, 'name', None), str)
        if not isinstance(faces, str | os.PathLike) and not is_detector:
            raise ValueError(
                f'FaceLandmarker(faces=) must be a detector, or one of {DETECTORS}. A detector has a name, and is '
                f'called with an image. Got {faces!r}.'
            )
        if batch_size < 1:
            raise ValueError(f'FaceLandmarker(batch_size=) must be at least 1. Got {batch_size}.')
        config, checkpoint, device = _expanded(config), _expanded(checkpoint), str(device)
        self.network = load_network(config, checkpoint, device)
        self.batch_size = batch_size
        self.protocols = self._known(protocol)
        named = config if checkpoint is None else checkpoint
        self._source = Path(named).name if isinstance(named, str | os.PathLike) else 'The network'
        if confidence and self.network.info.calibration is None:
            raise ValueError(
                'FaceLandmarker(confidence=) needs a network whose confidence was calibrated. '
                f'{self._source} was not: leave out --confidence, or calibrate the checkpoint by tools/fit_boxes.py '
                '--confidence, and export it again for an .onnx file.'
            )
        self._changes = crop_changes(confidence) if confidence else PLAIN
        self._faces, self.limits, self._device = faces, Limits(max_faces, min_size, min_score), device

    @cached_property
    def detector(self) -> Detector:
        """The detector, made when it is first needed."""
        if not isinstance(self._faces, str | os.PathLike):
            return self._faces if self.limits == Limits() else LimitedDetector(self._faces, self.limits)
        fitted = {name.partition('/')[0] for name in self.network.info.box_maps}
        spec = os.fspath(self._faces)
        if spec == 'auto' and 'haar' in fitted and 'mtcnn' not in fitted:
            spec = 'haar'
        of_torch = self._device.partition(':')[0] in ('cpu', 'cuda')  # others may be providers of onnxruntime
        device = self._device if of_torch else 'cpu'
        detector = make_detector(spec, **vars(self.limits), device=device)
        if said := _unfitted(detector, fitted, self._source):
            warnings.warn(said, stacklevel=3)  # of the cached property
        return detector

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a path and an array can be iterated over too
        self, images: Image, boxes: ArrayLike | None = None, protocol: str | Sequence[str] | None = None
    ) -> list[Face]: ...

    @overload
    def __call__(
        self,
        images: Iterable[Image],
        boxes: Iterable[ArrayLike | None] | None = None,
        protocol: str | Sequence[str] | None = None,
    ) -> list[list[Face]]: ...

    def __call__(
        self, images: Image | Iterable[Image], boxes: Any = None, protocol: str | Sequence[str] | None = None
    ) -> list[Face] | list[list[Face]]:
        """The faces of an image, or of each of several.

        Args:
            images: a path; an array (H, W, 3), uint8 BGR; what :func:`open_image` returns; or several of these. An
                image file is used as viewers show it, rotated by its EXIF orientation.
            boxes: the faces' boxes in pixels of the image, (N, 4) x1, y1, x2, y2, of the kind that the network was
                trained with; for several images, a list of these. None: faces are detected.
            protocol: overrides that of the landmarker.

        Returns:
            a list of :class:`Face` for one image, a list of such lists for several; empty where there is no face.

        Raises:
            FileNotFoundError: an image cannot be read; it is named.
            ValueError: not an image, an invalid box, a protocol without a branch, or non-finite landmarks.
        """
        names = self.protocols if protocol is None else self._known(protocol)
        if isinstance(images, str | os.PathLike | np.ndarray | ShownImage):
            return self._predict([images], [boxes], names)[0]
        # A tensor of several dimensions, bytes and an open file can be iterated over, but have no images in them.
        if not isinstance(images, Iterable) or isinstance(images, bytes | IOBase) or getattr(images, 'ndim', 1) > 1:
            raise ValueError(
                'FaceLandmarker(images=) must be a path, an array (H, W, 3) of uint8 in BGR, or several of these; '
                f'cv2.imread returns None where there is no image. Got {type(images).__name__}.'
            )
        images = list(images)
        boxes = [None] * len(images) if boxes is None else list(boxes)
        if len(boxes) != len(images):
            raise ValueError(
                f'FaceLandmarker(boxes=) must have boxes of each of the {len(images)} images. Got {len(boxes)}.'
            )
        return self._predict(images, boxes, names)

    def _predict(
        self, images: Sequence[Image], boxes: Sequence[ArrayLike | None], names: Sequence[str]
    ) -> list[list[Face]]:
        faces: list[list[Face]] = [[] for _ in images]
        cuts = self._cuts(images, boxes, names)
        while batch := list(islice(cuts, self.batch_size)):
            own = [face.cut for face in batch]
            passes = passes_of(self.network, own, names, self._changes)
            sure = self._confidences(passes, own)
            for row, face in enumerate(batch):
                if not all(np.isfinite(points[:, row]).all() for points in passes.values()):
                    raise ValueError(f'The network predicts non-finite landmarks in {face.name}.')
                landmarks = {name: points[0, row].astype(np.float32) for name, points in passes.items()}
                faces[face.image].append(Face(face.box, landmarks, sure[row], face.score, detector=face.detector))
        return faces

    def _confidences(self, passes: Mapping[str, NDArray[np.float64]], cuts: Sequence[Cut]) -> Sequence[float | None]:
        calibration = self.network.info.calibration
        if len(self._changes) == 1 or calibration is None:
            return [None] * len(cuts)
        # Calibrated for one protocol at a time: of several it is the mean.
        return np.mean([calibration(each) for each in disagreements(passes, cuts).values()], axis=0).tolist()

    def _cuts(
        self, images: Sequence[Image], boxes: Sequence[ArrayLike | None], names: Sequence[str]
    ) -> Iterator[_Waiting]:
        """All faces, cut out one image after the other."""
        info = self.network.info
        for number, (image, given) in enumerate(zip(images, boxes, strict=True)):
            shown = _shown(image, number)
            pixels, name = shown.pixels, shown.path or f'image {number}'
            if given is None:
                detector: str | None = self.detector.name
                found = checked_found(self.detector(pixels, shown.path), self.detector.name)
            else:
                detector, found = None, Found(boxes_of(given, f'FaceLandmarker(boxes=) of {name}'))
            box_map = None if detector is None else box_map_for(info.box_maps, detector, names)
            for row, box in enumerate(found.boxes):
                if problem := box_problem(box, pixels.shape):
                    raise ValueError(f'The box {box.tolist()} of {name} {problem}')
                score = None if found.scores is None else float(found.scores[row])
                yield _Waiting(number, name, box, detector, score, cut_face(pixels, box, info, box_map, self._changes))

    def _known(self, protocol: str | Sequence[str]) -> tuple[str, ...]:
        """Names of protocols that all have a branch."""
        if not isinstance(protocol, Iterable):
            raise ValueError(f'FaceLandmarker(protocol=) must be a name, several, or all. Got {protocol!r}.')
        branches = tuple(each.name for each in self.network.info.protocols)
        names = (protocol,) if isinstance(protocol, str) else tuple(dict.fromkeys(protocol))
        if names == ('all',):
            return branches
        if not names or (unknown := [name for name in names if name not in branches]):
            near = suggestion(str(unknown[0]).lower(), branches) if names else ''
            raise ValueError(
                f"FaceLandmarker(protocol=) must be 'all' or some of the network's branches {list(branches)}. "
                f'Got {unknown if names else "none"}.{near}'
            )
        return names


def _unfitted(detector: Detector, fitted: Collection[str], source: str) -> str | None:
    """What to say where no map fits the detector's boxes to those that the network ``source`` was trained with."""
    name = detector.name
    if not isinstance(detector, SearchingDetector | GivenBoxes) or name in fitted or name == WholeImage.name:
        return None
    if name == UNNAMED:
        return (
            f'{source} has no box map for {name} of a file: they are used as they are, so they must be like those of '
            'the training set. Else tools/fit_boxes.py --faces FILE stores a map.'
        )
    if fitted:
        listed = ' and '.join(sorted(fitted))
        return f"The network's boxes were fitted to those of {listed}, not of {name}: landmarks are worse."
    return (
        f'{source} has no box map for {name}: its boxes are used as they are, and landmarks are worse. '
        'tools/fit_boxes.py stores one next to a checkpoint.'
    )


def _expanded(name: Any) -> Any:
    """With the home for ``~``, where it is the name of a file."""
    return os.path.expanduser(name) if isinstance(name, str | os.PathLike) else name


def _shown(image: Image, number: int) -> ShownImage:
    if isinstance(image, str | os.PathLike):
        return open_image(image)
    shown = ShownImage(image) if isinstance(image, np.ndarray) else image
    if not isinstance(shown, ShownImage):  # such as an image of PIL, whose channels are RGB
        got = 'None' if image is None else type(image).__name__
    elif shown.pixels.dtype != np.uint8 or shown.pixels.shape[2:] != (3,) or not shown.pixels.size:
        got = f'{shown.pixels.dtype} of shape {shown.pixels.shape}'
    else:
        return shown
    raise ValueError(
        f'FaceLandmarker(images=) must be paths or arrays of uint8, (H, W, 3) BGR. Got {got} as image {number}.'
    )
