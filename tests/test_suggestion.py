from mmsepbn.suggestion import suggestion


def test_the_nearest_name_is_asked_for():
    assert suggestion('annfile', {'ann_file', 'data_root'}) == " Did you mean 'ann_file'?"
    assert suggestion('annfile', ()) == suggestion('pipeline', {'ann_file'}) == ''


def test_names_may_be_compared_by_other_words():
    assert suggestion('sepbm', {'sepbn': 'mmsepbn.SepBN', 'gn': 'GN'}) == " Did you mean 'mmsepbn.SepBN'?"


def test_how_near_is_near():
    assert suggestion('data_mode', {'data_root'}) == " Did you mean 'data_root'?"
    assert suggestion('data_mode', {'data_root'}, cutoff=0.75) == ''
