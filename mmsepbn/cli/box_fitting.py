"""Fit a detector's boxes to those of a config's training set, and report the effect on landmarks."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.config import Config
from mmengine.registry import DATASETS

from mmsepbn.apis.confidence import crop_changes
from mmsepbn.boxes import Boxes, square_box
from mmsepbn.cli.needed_loader import needed_loader
from mmsepbn.detectors.detector import Detector
from mmsepbn.evaluation.detected_faces import Sample, drawn_samples, find_faces, predict_faces
from mmsepbn.fitted.box_map import BoxMap, box_map_for, map_name
from mmsepbn.fitted.calibration import Calibration, calibrate
from mmsepbn.fitted.fit_box_map import NotFoundError, box_errors, fit_boxes, matched, paired
from mmsepbn.option_error import OptionError
from mmsepbn.runtime.network import Network
from mmsepbn.visualization.confidence_plot import plot_confidence


def samples_of(cfg: Config, loader: str, most: int) -> list[Sample]:
    """Faces of a data loader, at most ``most``. Raises OptionError: the config has no such loader."""
    return drawn_samples(DATASETS.build(needed_loader(cfg, loader).dataset), most)


def fitted_maps(samples: Sequence[Sample], detector: Detector) -> dict[str, BoxMap]:
    """The map of all training faces and of those of each protocol; prints how far boxes are off.

    A protocol has the map of all where it is the only one, or where none of its faces is found.

    Raises:
        NotFoundError: no face is found.
    """
    found = find_faces(samples, detector, 'training faces')
    protocols = list(dict.fromkeys(sample['protocol'] for sample in samples))
    common = _fitted(samples, found, 'training faces')
    maps = {detector.name: common} | {map_name(detector.name, protocol): common for protocol in protocols}
    for protocol in protocols if len(protocols) > 1 else ():
        places = [place for place, sample in enumerate(samples) if sample['protocol'] == protocol]
        own = [samples[place] for place in places]
        try:
            maps[map_name(detector.name, protocol)] = _fitted(own, [found[place] for place in places], protocol)
        except NotFoundError:
            print(f'{protocol}: none of its {len(own)} faces was found; the map of all sets is used')
    return maps


def _fitted(samples: Sequence[Sample], found: Sequence[Boxes], title: str) -> BoxMap:
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
        found: those that the detector finds, M.
        missed: the others.
        detected, fitted: boxes (M, 4) of the found ones, squares, as the detector has them and as the network's map
            makes them.
    """

    name: str
    found: list[Sample]
    missed: list[Sample]
    detected: Boxes
    fitted: Boxes


def find_test_faces(samples: Sequence[Sample], network: Network, detector: Detector) -> list[FoundFaces]:
    """The detector's boxes in each test set."""
    sets: dict[str, list[Sample]] = {}
    for sample in samples:
        sets.setdefault(sample['dataset_name'], []).append(sample)
    return [_found_of(name, own, network, detector) for name, own in sets.items()]


def _found_of(name: str, own: list[Sample], network: Network, detector: Detector) -> FoundFaces:
    box_map = box_map_for(network.info.box_maps, detector.name, [own[0]['protocol']])
    found = find_faces(own, detector, f'test faces, {name}')
    places = matched(found, _squares(own), box_map)
    pairs = paired(found, places)
    seen, missed = ([own[place] for place in np.flatnonzero(chosen)] for chosen in (places >= 0, places < 0))
    return FoundFaces(name, seen, missed, pairs, box_map(pairs))


def report_landmarks(network: Network, sets: Sequence[FoundFaces]) -> None:
    """Print the NME of each test set with three kinds of boxes, over the faces that the detector finds."""
    print('NME in % of the test faces that were found, with boxes\n  annotated  detected  fitted  set')
    for name, found, missed, detected, fitted in sets:
        errors = 100 * predict_faces(network, found, np.stack([_squares(found), detected, fitted], axis=1)).errors
        others = 100 * predict_faces(network, missed, _squares(missed)[:, None]).errors
        nme = errors.mean(axis=0) if found else np.full(3, np.nan)
        whole = np.concatenate([errors[:, 0], others[:, 0]])
        print(
            f'  {nme[0]:9.2f}  {nme[1]:8.2f}  {nme[2]:6.2f}  {name}: {len(found)} of {len(whole)} faces found; '
            f'annotated boxes of all {whole.mean():.2f}'
        )


def fitted_confidence(samples: Sequence[Sample], network: Network, tolerance: float, plot: str | Path) -> Calibration:
    """The calibration on the validation faces with annotated boxes; writes its plot.

    Raises:
        OptionError: errors and disagreements of these faces fit no curve.
    """
    seen = predict_faces(network, samples, _squares(samples)[:, None], crop_changes())
    errors, spread = seen.errors[:, 0], seen.disagreements[:, 0]
    try:
        calibration = calibrate(spread, errors, tolerance)
    except ValueError as error:
        raise OptionError(f'--confidence: {error} Train longer, or change --tolerance. The box map is kept.') from None
    plot_confidence(calibration, spread, errors, plot, f'{len(samples)} validation faces')
    print(
        f'confidence: half of the faces are within {100 * tolerance:g} % where passes disagree by '
        f'{100 * calibration.half:.2f} % of the side; {plot}'
    )
    return calibration


def report_confidence(network: Network, calibration: Calibration, sets: Sequence[FoundFaces]) -> None:
    """Print the mean confidence and the share of faces that are right, with annotated boxes and with fitted ones."""
    print(f'confidence on test faces, on average, and the share within {100 * calibration.tolerance:g} %')
    for name, found, missed, _, fitted in sets:
        errors, spread = predict_faces(network, found, np.stack([_squares(found), fitted], axis=1), crop_changes())
        others = predict_faces(network, missed, _squares(missed)[:, None], crop_changes())
        for kind, wrong, disagree in (
            ('annotated', np.append(errors[:, 0], others.errors), np.append(spread[:, 0], others.disagreements)),
            ('fitted', errors[:, 1], spread[:, 1]),
        ):
            if len(wrong):
                told, right = calibration(disagree).mean(), (wrong <= calibration.tolerance).mean()
                print(f'  {told:.2f}  {right:.2f}  {name}: {len(wrong)} faces, {kind} boxes')


def _squares(samples: Sequence[Sample]) -> Boxes:
    """The boxes of the data sets (N, 4), made square."""
    return square_box(np.array([sample['bbox'][0] for sample in samples], np.float64).reshape(-1, 4))
