"""Lay out the faces of the method's benchmark, of which the annotations are checked against checksums.json.

real: frames of YouTube Faces, see tools/prepare_youtube_faces.py, dealt by person; CLONE is the same repository.
  whole       300W: the training people's frames with 68 landmarks
  small       the same people dealt to three sets: 300W with 68, AFLW with 19, WIDER_FACE with 5 landmarks
  validation  300W: other people, for choosing settings
  test        300W: again other people, for the final tables alone

300w, wflw, lfw: FACES holds 300W with the official boxes, WFLW, and WIDER_FACE whose images are faces of LFW, as
downloaded; of each whatever is there. Or it is 300W's folder.
  300w/whole       the training faces, for the final tables
  300w/train       nine tenths of these, by a hash of the photograph's name
  300w/validation  the other tenth, for choosing settings
  300w/50, 200, 800  so many of the training faces, each a part of the next
  300w/test        the common test set, for the final tables alone
  wflw/train       200 faces of the training list, by a hash of the image's name
  wflw/test        its other images
  lfw/train        WIDER_FACE: 85 of 100 people, by a hash of their names
  lfw/test         the others

synthetic: drawn faces in five sets, a tenth of the real sets' sizes, each set labelled in a style of its own.
  train       the five sets
  validation  COFW, AFLW and WFLW: faces that training does not have
  test        the same, again other faces; three head poses and WFLW's six subsets
"""

import argparse
import hashlib
from collections.abc import Mapping
from pathlib import Path

from benchmarks.method.checksums import check, checksum, differing, read_set, store
from benchmarks.method.label_style import LabelStyle, relabel
from benchmarks.method.prepare_downloads import prepare_downloads
from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.numbers import number
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.converters.youtube_faces import Frame, annotated_face, read_frames, split_people
from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w, write_wflw, write_wider_face
from mmsepbn.synthetic import generate_faces

TRAIN_SIZES = {'COFW': 134, 'AFLW': 2000, 'WFLW': 750, '300W': 315, 'WIDER_FACE': 977}
VALIDATION_SIZES = {'COFW': 150, 'AFLW': 150, 'WFLW': 200}
TEST_SIZES = {'COFW': 300, 'AFLW': 400, 'WFLW': 600}
WRITERS = {
    'COFW': write_cofw,
    'AFLW': write_aflw,
    'WFLW': write_wflw,
    '300W': write_face300w,
    'WIDER_FACE': lambda root, train, test: write_wider_face(root, train),
}
# Real sets differ in where the outline runs, how high brows are marked and how steady the hands were.
STYLES = {
    'COFW': LabelStyle(outline=0.0, brows=0.03, jitter=0.010),
    'AFLW': LabelStyle(outline=0.02, brows=-0.02, jitter=0.020),
    'WFLW': LabelStyle(outline=0.0, brows=0.0, jitter=0.008),
    '300W': LabelStyle(outline=0.03, brows=0.015, jitter=0.010),
    'WIDER_FACE': LabelStyle(jitter=0.020),
}
# First index of the faces of a part, so that sizes may change without mixing parts.
PARTS = {'train': (0, TRAIN_SIZES), 'validation': (1_000_000, VALIDATION_SIZES), 'test': (2_000_000, TEST_SIZES)}

FRAMES = Path(__file__).with_name('frames.txt')
SHARES = {'test': 0.2, 'validation': 0.1, '300w': 0.15, 'aflw': 0.28, 'wider_face': 0.27}


# Folder -> split and sets that it holds.
REAL_SETS = {
    'real/whole': ('train', ['300W']),
    'real/small': ('train', ['300W', 'AFLW', 'WIDER_FACE']),
    'real/validation': ('test', ['300W']),
    'real/test': ('test', ['300W']),
}
SYNTHETIC_SETS = {
    f'synthetic/{part}': ('train' if part == 'train' else 'test', list(sizes)) for part, (_, sizes) in PARTS.items()
}


def listed_frames(clone: Path) -> list[Frame]:
    """The benchmark's frames; frames.txt lists them by a hash of folder and name, since clones differ in extent.

    Raises AnnotationError where some are missing.
    """
    listed = set(FRAMES.read_text().split())
    found = {_hash(frame.path): frame for frame in read_frames(clone)}
    if missing := listed - set(found):
        raise AnnotationError(f'{clone} lacks {len(missing)} of the {len(listed)} frames of {FRAMES}.')
    return [frame for key, frame in found.items() if key in listed]


def _hash(path: Path) -> str:
    return hashlib.sha1(f'{path.parent.name}/{path.name}'.encode(), usedforsecurity=False).hexdigest()[:10]


def prepare_real(clone: Path, out: Path) -> None:
    """Write the real faces and say how many there are."""
    parts = split_people(listed_frames(clone), SHARES)
    training = [frame for name in ('300w', 'aflw', 'wider_face') for frame in parts[name]]
    write_face300w(out / 'whole' / '300W', map(annotated_face, training), ())
    write_face300w(out / 'small' / '300W', map(annotated_face, parts['300w']), ())
    write_aflw(out / 'small' / 'AFLW', map(annotated_face, parts['aflw']), ())
    write_wider_face(out / 'small' / 'WIDER_FACE', map(annotated_face, parts['wider_face']))
    for name in ('validation', 'test'):
        write_face300w(out / name / '300W', (), map(annotated_face, parts[name]))
    for name, frames in parts.items():
        print(f'real, {name}: {len(frames)} frames of {len({frame.person for frame in frames})} people')


def prepare_synthetic(out: Path, workers: int | None) -> None:
    """Draw and write the synthetic faces, each set with faces of its own."""
    for part, (start, sizes) in PARTS.items():
        for seed, (name, count) in enumerate(sizes.items(), start=1):
            drawn = generate_faces(count, seed, start=start, workers=workers)
            faces = relabel(drawn, name.lower(), STYLES[name], seed=start + seed)
            train, test = (faces, ()) if part == 'train' else ((), faces)
            WRITERS[name](out / part / name, train, test)
            print(f'synthetic, {part}: {count} faces of {name}')


def main() -> None:
    """Write the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=Path('data/method'), help='folder for all parts')
    parser.add_argument('--clone', type=Path, help='clone of github.com/udacity/P1_Facial_Keypoints, for real/')
    parser.add_argument('--faces', type=Path, help='folder of 300W, WFLW, WIDER_FACE, for 300w/, wflw/, lfw/')
    parser.add_argument('--synthetic', action='store_true', help='draw synthetic/')
    parser.add_argument('--workers', type=number(int, 1), help='processes that draw; default: one per usable core')
    parser.add_argument('--store-checksums', action='store_true', help='for a new version of the benchmark')
    args = parser.parse_args()
    if not (args.clone or args.faces or args.synthetic):
        parser.error('give --clone, --faces or --synthetic')
    with readable_errors():
        written: dict[str, tuple[str, list[str]]] = {}
        downloads = prepare_downloads(args.faces, args.out) if args.faces else {}
        if args.clone:
            prepare_real(args.clone, args.out / 'real')
            written |= REAL_SETS
        if args.synthetic:
            prepare_synthetic(args.out / 'synthetic', args.workers)
            written |= SYNTHETIC_SETS
        found, of_downloads = (_checksums(args.out, parts) for parts in (written, downloads))
        if args.store_checksums:
            store(found | of_downloads)
            print('The annotations are stored.')
            return
        check(found)
        others = differing(of_downloads)  # of which people have different parts
        for name in found | of_downloads:
            print(f'{name}: {"other than" if name in others else "as"} those of the published results')


def _checksums(out: Path, parts: Mapping[str, tuple[str, list[str]]]) -> dict[str, str]:
    return {
        f'{part}/{name}': checksum(read_set(out / part, name, split))
        for part, (split, names) in parts.items()
        for name in names
    }
