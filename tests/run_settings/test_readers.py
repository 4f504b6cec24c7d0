from mmengine.runner import EpochBasedTrainLoop

from mmsepbn.run_settings.readers import accepted_names, readers_of


def test_what_hands_on_whatever_it_gets_takes_anything():
    class Taker:
        def __init__(self, size, **kwargs):
            self.size = size

    class Base:
        def __init__(self, depth):
            self.depth = depth

    class Heir(Base):
        def __init__(self, width, **kwargs):
            self.own = kwargs.pop('own', None)
            super().__init__(**kwargs)

    def function(size):
        return size

    assert accepted_names(Taker) is None
    assert accepted_names(Heir) >= {'width', 'own', 'depth'}
    assert 'height' not in accepted_names(Heir)
    assert accepted_names(function) == {'size'}


def test_a_type_is_a_class_or_a_name_with_or_without_its_scope():
    (ours,) = readers_of('mmsepbn.SepBN')
    assert readers_of('SepBN') == readers_of(ours) == (ours,)
    assert readers_of('mmpose.SepBN') == readers_of('NoSuch') == readers_of(3) == ()
    assert EpochBasedTrainLoop in readers_of('EpochBasedTrainLoop')


def test_a_type_may_be_a_path_as_in_mmengines_registries(tmp_path, monkeypatch):
    assert readers_of('mmsepbn.models.norms.sepbn.SepBN') == readers_of('SepBN')
    (tmp_path / 'own_norms.py').write_text('class Norm: ...\ngain = 2')
    (tmp_path / 'own_failure.py').write_text('raise RuntimeError')
    monkeypatch.syspath_prepend(tmp_path)
    assert [reader.__name__ for reader in readers_of('own_norms.Norm')] == ['Norm']
    for kind in ('own_norms.gain', 'own_norms.Other', 'own_failure.Norm', '.Norm', 'no.such.Thing'):
        assert readers_of(kind) == ()
