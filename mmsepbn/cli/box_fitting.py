"""Fit a detector's boxes to those of a config's training set, and report the effect on landmarks."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.config import Config
from mmengine.registry import DATASETS

from mmsepbn.apis.confidence import crop_changes
from mmsepbn.apis.detected_faces import AnnotatedSample, drawn_samples, find_faces, predict_faces
from mmsepbn.apis.network import Network
from mmsepbn.detectors.detector import Detector
from mmsepbn.detectors.fit import Boxes, box_errors, fit_boxes, matched, paired, squares
from mmsepbn.fitted.box_map import BoxMap, box_map_for, map_name
from mmsepbn.fitted.calibration import Calibration, calibrate
from mmsepbn.option_error import OptionError
from mmsepbn.visualization.confidence_plot import plot_confidence


def fitted_maps(cfg: Config, detector: Detector, most: int) -> dict[str, BoxMap]:
    """The map of all training faces and, if there are several protocols, of each; prints how far boxes are off."""
    samples = drawn_samples(DATASETS.build(cfg.train_dataloader.dataset), most)
    found = find_faces(samples, detector, 'training faces')
    protocols = list(dict.fromkeys(sample.protocol for sample in samples))
    maps = {detector.name: _fitted(samples, found, 'training faces')}
    for protocol in protocols if len(protocols) > 1 else ():
        places = [place for place, sample in enumerate(samples) if sample.protocol == protocol]
        own = [samples[place] for place in places]
        maps[map_name(detector.name, protocol)] = _fitted(own, [found[place] for place in places], protocol)
    return maps


def _fitted(samples: Sequence[AnnotatedSample], found: Sequence[Boxes], title: str) -> BoxMap:
    """The map of some faces; prints its effect."""
    wanted = _squares(samples)
    box_map, places = fit_boxes(found, wanted)
    pairs, wanted = paired(found, places), wanted[places >= 0]
    print(f'{title}: {len(samples)}, not found {(places < 0).sum()}')
    print(f'  map: centre {box_map.shift_x:+.3f} {box_map.shift_y:+.3f} of the side, side x {box_map.scale:.3f}')
    for name, boxes in (('detected', pairs), ('fitted', box_map(pairs))):
        off = box_errors(boxes, wanted)
        print(
            f'  {name:9} centre off by {100 * off.shift:4.1f} % of the side (nine of ten {100 * off.shift_90:.1f}), '
            f'side by a factor of {off.side:.2f} ({off.side_90:.2f}), IoU {off.iou:.2f}'
        )
    return box_map


class FoundFaces(NamedTuple):
    """Faces of a test set, and a detector's boxes for them.

    Attributes:
        name: of the set.
        every: all faces examined.
        found: those that the detector finds, M.
        detected, fitted: their boxes (M, 4), squares, as the detector has them and as the network's map makes them.
    """

    name: str
    every: list[AnnotatedSample]
    found: list[AnnotatedSample]
    detected: Boxes
    fitted: Boxes


def find_test_faces(cfg: Config, network: Network, detector: Detector, most: int) -> list[FoundFaces]:
    """The detector's boxes in each test set."""
    sets: dict[str, list[AnnotatedSample]] = {}
    for sample in drawn_samples(DATASETS.build(cfg.test_dataloader.dataset), most):
        sets.setdefault(sample.name, []).append(sample)
    return [_found_of(name, own, network, detector) for name, own in sets.items()]


def _found_of(name: str, own: list[AnnotatedSample], network: Network, detector: Detector) -> FoundFaces:
    box_map = box_map_for(network.info.box_maps, detector.name, [own[0].protocol])
    found = find_faces(own, detector, f'test faces, {name}')
    places = matched(found, _squares(own), box_map)
    pairs = paired(found, places)
    return FoundFaces(name, own, [own[place] for place in np.flatnonzero(places >= 0)], pairs, box_map(pairs))


def report_landmarks(network: Network, sets: Sequence[FoundFaces]) -> None:
    """Print the NME of each test set with three kinds of boxes, over the faces that the detector finds."""
    print('NME in % of the test faces that were found, with boxes\n  annotated  detected  fitted  set')
    for name, every, found, detected, fitted in sets:
        kinds = [_squares(found), detected, fitted]
        nme = [100 * predict_faces(network, found, boxes).errors.mean() if found else np.nan for boxes in kinds]
        whole = 100 * predict_faces(network, every, _squares(every)).errors.mean()
        print(
            f'  {nme[0]:9.2f}  {nme[1]:8.2f}  {nme[2]:6.2f}  {name}: {len(found)} of {len(every)} faces found; '
            f'annotated boxes of all {whole:.2f}'
        )


def fitted_confidence(cfg: Config, network: Network, tolerance: float, plot: Path, most: int) -> Calibration:
    """The calibration on the validation faces with annotated boxes; writes its plot.

    Raises:
        OptionError: errors and disagreements of these faces fit no curve.
    """
    samples = drawn_samples(DATASETS.build(cfg.val_dataloader.dataset), most)
    seen = predict_faces(network, samples, _squares(samples), crop_changes())
    try:
        calibration = calibrate(seen.disagreements, seen.errors, tolerance)
    except ValueError as error:
        raise OptionError(f'--confidence: {error} Train longer, or change --tolerance. The box map is kept.') from None
    plot_confidence(calibration, seen.disagreements, seen.errors, plot, f'{len(samples)} validation faces')
    print(
        f'confidence: half of the faces are within {100 * tolerance:g} % where passes disagree by '
        f'{100 * calibration.half:.2f} % of the side; {plot}'
    )
    return calibration


def report_confidence(network: Network, calibration: Calibration, sets: Sequence[FoundFaces]) -> None:
    """Print the mean confidence and the share of faces that are right, with annotated boxes and with fitted ones."""
    print(f'confidence on test faces, on average, and the share within {100 * calibration.tolerance:g} %')
    for name, every, found, _, fitted in sets:
        for kind, faces, boxes in (('annotated', every, _squares(every)), ('fitted', found, fitted)):
            if faces:
                seen = predict_faces(network, faces, boxes, crop_changes())
                told, right = calibration(seen.disagreements).mean(), (seen.errors <= calibration.tolerance).mean()
                print(f'  {told:.2f}  {right:.2f}  {name}: {len(faces)} faces, {kind} boxes')


def _squares(samples: Sequence[AnnotatedSample]) -> Boxes:
    """The boxes of the data sets (N, 4), made square."""
    return squares(np.array([sample.box for sample in samples]))
