"""Which faces two data sets have in common, however each chooses its own."""

from mmsepbn.datasets import AFLWDataset, WFLWDataset
from mmsepbn.datasets.checks.overlap import faces_of

LISTS = 'WFLW_annotations/list_98pt_rect_attr_train_test'


def wflw(root, split='train', **settings):
    settings = dict(ann_file=f'{LISTS}/list_98pt_rect_attr_{split}.txt', data_prefix=dict(img='WFLW_images')) | settings
    return set(faces_of(WFLWDataset(data_root=str(root), pipeline=[], **settings)))


def test_faces_are_those_of_one_set_under_another_file_name_or_through_a_link(synthetic_wflw, tmp_path):
    whole = wflw(synthetic_wflw)
    (tmp_path / 'linked').symlink_to(synthetic_wflw)
    other = tmp_path / 'other.txt'
    lines = (synthetic_wflw / LISTS / 'list_98pt_rect_attr_train.txt').read_text().splitlines()
    other.write_text('\n'.join(lines[5:]))
    assert len(whole) == 8
    assert wflw(tmp_path / 'linked') == whole
    assert len(wflw(synthetic_wflw, ann_file=str(other), allow_outside=True) & whole) == 3
    assert len(wflw(synthetic_wflw, indices=[1]) & whole) == 1
    assert not wflw(synthetic_wflw, 'test') & whole


def test_splits_of_one_file_have_none_in_common(synthetic_faces):
    settings = dict(ann_file='AFLWinfo_release.mat', data_prefix=dict(img='aflw/data/flickr'), num_train=8, pipeline=[])
    train, test = (
        set(faces_of(AFLWDataset(data_root=str(synthetic_faces / 'AFLW'), split=split, **settings)))
        for split in ('train', 'test')
    )
    assert (len(train), len(test), len(train & test)) == (8, 4, 0)
