import pytest

from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.per_face import read_csv, summarize, write_csv

RESULTS = [
    FaceResult('wflw', 'wflw', 0, 'a, b.jpg', ('pose', 'blur'), 50.0, 0.04),
    FaceResult('wflw', 'wflw', 1, 'c.jpg', (), 40.0, 0.20),
    FaceResult('cofw', 'cofw', 0, 'd.jpg', ('pose',), 30.0, 0.02),
]


def test_rows_of_sets_and_subsets_do_not_collide():
    rows = summarize(RESULTS)
    assert rows['wflw/NME'] == pytest.approx(12)
    assert rows['wflw/FR_0.10'] == pytest.approx(50)
    assert rows['wflw/AUC_0.10'] == pytest.approx(0.3)
    assert rows['wflw/pose/NME'] == rows['wflw/blur/NME'] == pytest.approx(4)
    assert rows['cofw/NME'] == rows['cofw/pose/NME'] == pytest.approx(2)
    assert next(iter(rows)) == 'wflw/NME'
    assert len(rows) == 15


def test_subsets_come_in_the_order_of_the_papers_whatever_is_met_first():
    faces = [FaceResult('wflw', 'wflw', i, '', tags, 1.0, 0.1) for i, tags in enumerate([('blur',), ('mine', 'pose')])]
    names = [key.removesuffix('/NME') for key in summarize(faces) if key.endswith('NME')]
    assert names == ['wflw', 'wflw/pose', 'wflw/blur', 'wflw/mine']


def test_threshold_names_the_rows():
    rows = summarize(RESULTS, threshold=0.05)
    assert rows['wflw/FR_0.05'] == 50
    assert rows['wflw/AUC_0.05'] == pytest.approx(0.1)


def test_another_csv_is_named(tmp_path):
    (tmp_path / 'other.csv').write_text('a,b\n1,2\n')
    with pytest.raises(ValueError, match=r"other.csv is not a per-face file .* lacks \['dataset', 'face_id'"):
        read_csv(tmp_path / 'other.csv')


def test_a_threshold_of_more_digits_has_a_name_of_its_own():
    assert 'wflw/FR_0.105' in summarize(RESULTS, threshold=0.105)
    assert 'wflw/FR_0.10' in summarize(RESULTS, threshold=0.1)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('wflw,wflw,1,c.jpg,,40.0', r'faces.csv is not a .* line 4: a line ends early'),
        ('wflw,wflw,x,c.jpg,,40.0,0.2', r"faces.csv is not a .* line 4: invalid literal for int.* 'x'"),
        ('wflw,wflw,1,c.jpg,,40.0,nan', r'faces.csv is not a .* line 4: .* got 40.0 and nan'),
        ('wflw,wflw,1,c.jpg,,0,0.1', r'faces.csv is not a .* line 4: .* got 0.0 and 0.1'),
        ('wflw,wflw,1,c.jpg,,40.0,-0.1', r'faces.csv is not a .* line 4: .* got 40.0 and -0.1'),
        ('wflw,wflw,1,c\0.jpg,,4,\udcff', r'faces.csv is not a .* line \d: .* codec'),
    ],
)
def test_a_damaged_csv_is_named_by_line(tmp_path, line, message):
    path = tmp_path / 'faces.csv'
    write_csv(path, RESULTS[:2])
    with path.open('ab') as file:
        file.write(line.encode(errors='surrogateescape') + b'\n')
    with pytest.raises(ValueError, match=message):
        read_csv(path)


def test_a_csv_without_faces_is_named(tmp_path):
    write_csv(tmp_path / 'faces.csv', [])
    with pytest.raises(ValueError, match=r'faces.csv has no faces'):
        read_csv(tmp_path / 'faces.csv')


def test_csv_round_trip(tmp_path):
    write_csv(tmp_path / 'new' / 'faces.csv', RESULTS)
    assert read_csv(tmp_path / 'new' / 'faces.csv') == RESULTS
