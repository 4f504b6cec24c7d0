from mmengine.runner import EpochBasedTrainLoop

from mmsepbn.cli.readers import accepted_names, readers_of


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
