"""300W, WFLW and five-point faces in WIDER FACE's format, laid out in parts as they are downloaded, files unchanged.

Every choice is a hash of a name, so that it does not depend on what else is there.
"""

import glob
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from mmsepbn.datasets.converters.youtube_faces import person_share
from mmsepbn.datasets.formats.text_file import read_lines
from mmsepbn.datasets.writers.wflw import IMAGES, LISTS

FEW = (50, 200, 800)  # sizes of the nested subsets of 300W's training faces
FEW_WFLW = 200
TEST_PEOPLE = 0.15
# Set -> folder of a part -> split that it holds, as checksums.read_set names it.
PARTS = {
    '300W': {
        '300w/whole': 'train',
        '300w/train': 'train',
        '300w/validation': 'train',
        '300w/test': 'common',
        **{f'300w/{count}': 'train' for count in FEW},
    },
    'WFLW': {'wflw/train': 'train', 'wflw/test': 'test'},
    'WIDER_FACE': {'lfw/train': 'train', 'lfw/test': 'train'},
}
_LABELS, _LABELLED = Path('train', 'label.txt'), Path('train', 'images')
_LIST = 'list_98pt_rect_attr_{}.txt'


def prepare_downloads(faces: Path, out: Path) -> dict[str, tuple[str, list[str]]]:
    """Write the parts of each set below ``faces``, or of 300W if it is its own folder; say how many faces they hold.

    Returns:
        folder of a part -> split and sets that it holds.
    """
    prepare = {'300W': prepare_300w, 'WFLW': prepare_wflw, 'WIDER_FACE': prepare_wider_face}
    if (faces / 'helen').is_dir():
        roots = {'300W': faces}
    else:
        roots = {name: faces / name for name in prepare if (faces / name).is_dir()}
    if not roots:
        raise FileNotFoundError(f'{faces} must hold one of {list(prepare)}. It holds none.')
    for name, root in roots.items():
        for part, count in prepare[name](root, out).items():
            print(f'{part}: {count} faces')
    return {part: (split, [name]) for name in roots for part, split in PARTS[name].items()}


def prepare_300w(root: Path, out: Path) -> Counter[str]:
    """Copy 300W's faces to the parts."""
    counts: Counter[str] = Counter()
    training = {
        points: folder for folder in ('afw', 'helen/trainset', 'lfpw/trainset') for points in _points(root / folder)
    }
    by_hash = sorted(training, key=lambda points: _hash(f'{training[points]}/{points.stem}'))
    few = {points: tuple(f'300w/{count}' for count in FEW if place < count) for place, points in enumerate(by_hash)}
    for points, folder in training.items():
        # afw and helen name a face by its photograph and a number: faces of one photograph stay together.
        photograph = points.stem if folder.startswith('lfpw') else points.stem.rpartition('_')[0]
        part = '300w/validation' if _hash(photograph) % 10 == 0 else '300w/train'
        for each in ('300w/whole', part, *few[points]):
            _copy_face(points, out / each / '300W' / folder)
            counts[each] += 1
    for folder in ('helen/testset', 'lfpw/testset'):
        for points in _points(root / folder):
            _copy_face(points, out / '300w/test' / '300W' / folder)
            counts['300w/test'] += 1
    for part in counts:
        shutil.copytree(root / 'Bounding Boxes', out / part / '300W' / 'Bounding Boxes', dirs_exist_ok=True)
    return counts


def prepare_wflw(root: Path, out: Path) -> dict[str, int]:
    """Split WFLW's training list by image: for training as many faces as whole images give, at most ``FEW_WFLW``."""
    lines = [line.strip() for line in read_lines(root / LISTS / _LIST.format('train')) if line.strip()]
    by_image = sorted(lines, key=lambda line: (_hash(_image(line)), _image(line)))
    split: dict[str, list[str]] = dict(train=[], test=[])
    for _, group in groupby(by_image, key=_image):
        faces = list(group)
        split['train' if len(split['train']) + len(faces) <= FEW_WFLW else 'test'] += faces
    for name, faces in split.items():
        target = out / 'wflw' / name / 'WFLW'
        _write(target / LISTS / _LIST.format(name), faces)
        for image in {_image(line) for line in faces}:
            _copy(root / IMAGES / image, target / IMAGES / image)
    return {f'wflw/{name}': len(faces) for name, faces in split.items()}


def prepare_wider_face(root: Path, out: Path) -> dict[str, int]:
    """Keep the faces of some people, by the image's name before its number, out for the test."""
    blocks: list[list[str]] = []
    for line in filter(str.strip, read_lines(root / _LABELS)):
        if line.startswith('#'):
            blocks.append([])
        blocks[-1].append(line.strip())
    split: dict[str, list[list[str]]] = dict(train=[], test=[])
    for block in blocks:
        person = Path(block[0][1:].strip()).stem.rpartition('_')[0]
        split['test' if person_share(person) < TEST_PEOPLE else 'train'].append(block)
    for name, kept in split.items():
        target = out / 'lfw' / name / 'WIDER_FACE'
        _write(target / _LABELS, (line for block in kept for line in block))
        for image in (block[0][1:].strip() for block in kept):
            _copy(root / _LABELLED / image, target / _LABELLED / image)
    return {f'lfw/{name}': sum(len(block) - 1 for block in kept) for name, kept in split.items()}


def _points(folder: Path) -> list[Path]:
    return sorted(folder.glob('*.pts'))


def _hash(name: str) -> int:
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), 16)


def _image(line: str) -> str:
    return line.split()[-1]


def _copy_face(points: Path, folder: Path) -> None:
    for file in points.parent.glob(f'{glob.escape(points.stem)}.*'):
        _copy(file, folder / file.name)


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines))
