from collections import Counter

import numpy as np
import pytest

from mmsepbn.datasets import COFWDataset, WFLWDataset
from mmsepbn.datasets.checks.loading_time import loading_seconds, whole_seconds

PIPELINE = [dict(type=f'mmsepbn.{name}') for name in ('LoadFaceImage', 'RandomFaceCrop', 'PackFaceInputs')]
LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'


@pytest.mark.parametrize(
    ('make', 'parts'),
    [
        (
            lambda root: WFLWDataset(
                data_root=str(root / 'WFLW'), data_prefix=dict(img='WFLW_images'), ann_file=LIST, pipeline=PIPELINE
            ),
            ['annotation', 'reading', 'decoding', 'RandomFaceCrop', 'PackFaceInputs'],
        ),
        (
            lambda root: COFWDataset(data_root=str(root / 'COFW'), ann_file='COFW_train_color.mat', pipeline=PIPELINE),
            ['annotation', 'decoding', 'RandomFaceCrop', 'PackFaceInputs'],
        ),
    ],
)
def test_each_part_is_the_median_of_its_calls(make, parts, synthetic_faces, monkeypatch):
    """By a clock on which the n-th face, of 8, takes n in each part."""
    dataset, ticks, calls = make(synthetic_faces), iter(range(10**6)), Counter()

    def clock():
        started = next(ticks) % 2 == 0
        calls['face'] += started
        return 0.0 if started else float((calls['face'] - 1) // len(parts))

    monkeypatch.setattr('mmsepbn.datasets.checks.loading_time.perf_counter', clock)
    assert loading_seconds(dataset) == dict.fromkeys(parts, np.median(range(8)))
    assert calls['face'] == 8 * len(parts)


def test_a_set_of_any_kind_is_timed(monkeypatch):
    ticks = iter([0, 3, 10, 11, 20, 25])
    monkeypatch.setattr('mmsepbn.datasets.checks.loading_time.perf_counter', lambda: next(ticks))
    assert whole_seconds([7, 8, 9]) == 3
