"""Modules that moved are still found where they were."""

import importlib
import sys

import pytest
from helpers import ROOT

MOVED = {
    ('mmsepbn.analysis.mean_face', 'mean_face_results'): ('mmsepbn.evaluation.mean_face', 'mean_face_results'),
    ('mmsepbn.analysis.detected_faces', 'drawn_samples'): ('mmsepbn.evaluation.detected_faces', 'drawn_samples'),
    ('mmsepbn.analysis.held_attention', 'held_attention'): ('mmsepbn.analysis.mean_ablation', 'mean_ablated'),
    ('mmsepbn.datasets.image_file', 'read_image'): ('mmsepbn.datasets.formats.image_file', 'read_image'),
    ('mmsepbn.datasets.image_file', 'JPEG_END'): ('mmsepbn.datasets.formats.image_file', 'JPEG_END'),
    ('mmsepbn.datasets.check_pictures', 'picture_problem'): ('mmsepbn.datasets.checks.images', 'image_problem'),
    ('mmsepbn.datasets.check_pictures', 'picture_problems'): ('mmsepbn.datasets.checks.images', 'image_problems'),
}


@pytest.mark.parametrize(('old', 'new'), MOVED.items())
def test_an_old_path_holds_the_same_object_and_names_the_new_path(old, new, monkeypatch):
    monkeypatch.delitem(sys.modules, old[0], raising=False)
    with pytest.warns(DeprecationWarning, match=f'^{old[0]} is now {new[0]}.$') as warned:
        found = getattr(importlib.import_module(old[0]), old[1])
    assert found is getattr(importlib.import_module(new[0]), new[1])
    assert len(warned) == 1


def test_every_module_that_moved_is_tried():
    files = (path for path in (ROOT / 'mmsepbn').rglob('*.py') if path.read_text().startswith('"""Moved to'))
    names = {'.'.join(path.relative_to(ROOT).with_suffix('').parts) for path in files}
    assert names == {module for module, _ in MOVED}
