"""The benchmark of what grows: its made-up sets are what they stand for, its page is what its figures say."""

import json
import zlib

import numpy as np
import pytest
from mmengine.registry import DefaultScope

from benchmarks.scale.many_faces import annotation_reading, default_sampler, proportional_sampler, sampling, write_cache
from benchmarks.scale.page import PAGE, RESULTS, megabytes, render_page, step_table, training_table
from benchmarks.scale.steps import Step, step_call
from mmsepbn.datasets.face_cache.cache_file import CacheFile


def test_the_page_is_what_the_figures_say():
    assert PAGE.read_text() == render_page(RESULTS)


def test_tables_by_hand():
    trainings = [
        dict(processes=1, batch=16, faces_per_second=100.0),
        dict(processes=2, batch=8, faces_per_second=150.4),
    ]
    assert training_table(dict(trainings=trainings)).splitlines()[2:] == [
        '| 1 | 16 | 100 | 1.00x |',
        '| 2 | 8 | 150 | 1.50x |',
    ]
    step = dict(batch=10, size=128, protocols=2, milliseconds=55.4, memory=12_300_000)
    assert step_table([dict(grows='protocols', steps=[step])]).splitlines()[2:] == [
        '| protocols | 10 faces, 128 px, 2 of 5 | 55 | 5.5 | 12 MB |'
    ]
    assert (megabytes(9.9e9), megabytes(1.24e10)) == ('9,900 MB', '12 GB')


def test_the_made_up_sets_are_in_the_papers_proportions():
    sampler = proportional_sampler(417_630)  # ten times the paper's
    assert sampler.sizes == [13450, 200000, 75000, 31480, 97700]
    assert len(sampler) == 417_630


@pytest.mark.parametrize('build', [proportional_sampler, default_sampler])
def test_a_sampler_is_walked_through(build):
    walked = []

    class Walked:
        def __iter__(self):
            for index in build(3000):
                walked.append(index)
                yield index

    sampling(lambda count: Walked(), 3000)
    assert len(walked) == 3000


@pytest.mark.parametrize('count', [3, 2500])
def test_the_made_up_cache_can_be_read(count, tmp_path):
    write_cache(tmp_path / 'a.faces', count)
    cache = CacheFile(tmp_path / 'a.faces')
    assert cache.about.key.count == count
    checksums = {zlib.crc32(cache.part(place).pixels) for place in (0, 1, count // 2, count - 1)}
    assert len(checksums) >= min(count, 3)
    assert np.shape(cache.part(count - 1).pixels) == (160, 160, 3)


def test_annotations_are_kept_as_bytes(tmp_path):
    found = annotation_reading(tmp_path, 20)
    assert 98 * 2 * 4 * 20 < found['serialized_bytes'] < 98 * 2 * 20 * 20


def test_a_step_has_as_many_branches_as_it_says(monkeypatch):
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())
    step = step_call(Step(batch=2, size=64, protocols=2), small=True)
    assert {'loss_kpt/cofw', 'loss_kpt/aflw'} <= step().keys()


def test_a_part_that_failed_or_was_stopped_is_not_on_the_page(tmp_path):
    rows = [dict(config='a', error='no'), dict(grows='batch', config='a', steps=[])]
    for name, row in zip(('processes', 'steps'), rows, strict=True):
        (tmp_path / f'{name}.json').write_text(json.dumps(dict(rows=[row])))
    assert render_page(tmp_path) == render_page(tmp_path / 'none')
    assert render_page(tmp_path).count('Not measured yet.') == 3
