#!/usr/bin/env python
"""Lay real faces out as three data sets of disjoint people: 300W-like (68 points), AFLW-like (19), WIDER-like (5).

CLONE is a clone of the public repository udacity/P1_Facial_Keypoints (frames of YouTube Faces, research use):
git clone https://github.com/udacity/P1_Facial_Keypoints. A fifth of the people are for testing alone, in all sets.

  python tools/prepare_youtube_faces.py P1_Facial_Keypoints data/youtube_faces
"""

import argparse
from pathlib import Path

from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.output_file import refuse_filled_folder
    from mmsepbn.datasets.converters.youtube_faces import annotated_face, read_frames, split_people
    from mmsepbn.datasets.writers import write_aflw, write_face300w, write_wider_face

SHARES = {'test': 0.2, '300w': 0.1, 'aflw': 0.35, 'wider_face': 0.35}


def main() -> None:
    """Write the three sets and say how many faces each got."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('clone', type=Path, help='clone of the repository, or a folder with its data/')
    parser.add_argument('out', type=Path, help='folder for 300W, AFLW and WIDER_FACE, new or empty')
    parser.add_argument('--overwrite', action='store_true', help='replace files of the same names in OUT')
    args = parser.parse_args()
    refuse_filled_folder(args.out, args.overwrite)
    splits = split_people(read_frames(args.clone), SHARES)
    write_aflw(args.out / 'AFLW', map(annotated_face, splits['aflw']), map(annotated_face, splits['test']))
    write_wider_face(args.out / 'WIDER_FACE', map(annotated_face, splits['wider_face']))
    write_face300w(args.out / '300W', map(annotated_face, splits['300w']), map(annotated_face, splits['test']))
    for name, frames in splits.items():
        print(f'{name}: {len(frames)} frames of {len({frame.person for frame in frames})} people')
    print(f'AFLW: num_train={len(splits["aflw"])}')


if __name__ == '__main__':
    with readable_errors():
        main()
