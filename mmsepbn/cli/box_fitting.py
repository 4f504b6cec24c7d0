"""Fitting a detector's boxes to those of a config's training set, and saying what that does to landmarks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DATASETS

from mmsepbn.analysis.detected_faces import AnnotatedSample, drawn_samples, find_faces, predict_faces
from mmsepbn.apis.confidence import Calibration, calibrate, crop_changes
from mmsepbn.apis.network import Network
from mmsepbn.detectors.box_map import BoxMap, box_map_for, map_name
from mmsepbn.detectors.detector import Detector
from mmsepbn.detectors.fit import Boxes, box_errors, fit_boxes, matched, paired, squares
from mmsepbn.visualization.confidence_plot import plot_confidence


def fitted_maps(cfg: Config, detector: Detector, most: int) -> dict[str, BoxMap]:
    """The map of all training faces, and those of each protocol where there are several; says how far boxes are off."""
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
    """The map of some faces; prints what it does."""
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


def report_landmarks(cfg: Config, network: Network, detector: Detector, most: int) -> None:
    """Print the NME of each test set with three kinds of boxes, over the faces that the detector finds."""
    sets = _test_sets(cfg, most)
    print('NME in % of the test faces that were found, with boxes\n  annotated  detected  fitted  set')
    for name, own in sets.items():
        box_map = box_map_for(network.info.box_maps, detector.name, [own[0].protocol])
        found = find_faces(own, detector, f'test faces, {name}')
        places = matched(found, _squares(own), box_map)
        seen = [sample for sample, place in zip(own, places, strict=True) if place >= 0]
        pairs = paired(found, places)
        kinds = [_squares(seen), pairs, box_map(pairs)]
        nme = [100 * predict_faces(network, seen, boxes).errors.mean() if seen else np.nan for boxes in kinds]
        every = 100 * predict_faces(network, own, _squares(own)).errors.mean()
        print(
            f'  {nme[0]:9.2f}  {nme[1]:8.2f}  {nme[2]:6.2f}  {name}: {len(seen)} of {len(own)} faces found; '
            f'annotated boxes of all {every:.2f}'
        )


def fitted_confidence(cfg: Config, network: Network, tolerance: float, plot: Path, most: int) -> Calibration:
    """The calibration on the validation faces with annotated boxes; writes its plot."""
    samples = drawn_samples(DATASETS.build(cfg.val_dataloader.dataset), most)
    seen = predict_faces(network, samples, _squares(samples), crop_changes())
    calibration = calibrate(seen.disagreements, seen.errors, tolerance)
    plot_confidence(calibration, seen.disagreements, seen.errors, plot, f'{len(samples)} validation faces')
    print(
        f'confidence: half of the faces are within {100 * tolerance:g} % where passes disagree by '
        f'{100 * calibration.half:.2f} % of the side; {plot}'
    )
    return calibration


def report_confidence(cfg: Config, network: Network, calibration: Calibration, most: int) -> None:
    """Print for each test set, with annotated boxes, the mean confidence and the share of faces that are right."""
    print(f'confidence on test faces, on average, and the share within {100 * calibration.tolerance:g} %')
    for name, own in _test_sets(cfg, most).items():
        seen = predict_faces(network, own, _squares(own), crop_changes())
        told, right = calibration(seen.disagreements).mean(), (seen.errors <= calibration.tolerance).mean()
        print(f'  {told:.2f}  {right:.2f}  {name}: {len(own)} faces')


def _test_sets(cfg: Config, most: int) -> dict[str, list[AnnotatedSample]]:
    """Faces of the test sets, by the set's name."""
    sets: dict[str, list[AnnotatedSample]] = {}
    for sample in drawn_samples(DATASETS.build(cfg.test_dataloader.dataset), most):
        sets.setdefault(sample.name, []).append(sample)
    return sets


def _squares(samples: Sequence[AnnotatedSample]) -> Boxes:
    """The boxes of the data sets (N, 4), made square."""
    return squares(np.array([sample.box for sample in samples]))
