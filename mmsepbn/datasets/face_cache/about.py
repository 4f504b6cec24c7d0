"""The header of a face cache and its name: which faces it contains, and for which crops."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmsepbn.datasets.formats.image_file import file_of
from mmsepbn.datasets.transforms.crop_reach import CropReach

SUFFIX = '.faces'


@dataclass(frozen=True)
class FacesKey:
    """Which faces: a set and split, and a checksum of what the cut-out faces depend on.

    Attributes:
        label: class, annotation file and split of the data set.
        checksum: of the images' names below the image folder, the sizes of their files, and the boxes; hexadecimal.
        count: number of faces.
    """

    label: str
    checksum: str
    count: int

    @property
    def file_name(self) -> str:
        """The cache's file."""
        return f'{self.label}-{self.checksum[:12]}{SUFFIX}'


@dataclass(frozen=True)
class CacheAbout:
    """The header of a face cache.

    Attributes:
        key: its faces.
        reach: of the crops that it serves; ``reach.pixels`` is how many pixels it has to a box's side.
        quality: of its JPEG images, 1 to 100; None: it holds pixels as they are.
    """

    key: FacesKey
    reach: CropReach
    quality: int | None

    def serves(self, reach: CropReach) -> bool:
        """Whether crops of that reach can be cut from it."""
        return all(
            own >= needed * (1 - 1e-6) for own, needed in zip(self.reach.values()[:3], reach.values()[:3], strict=True)
        )

    def to_json(self) -> str:
        """For :meth:`from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> 'CacheAbout':
        """What :meth:`to_json` has written; KeyError, TypeError or ValueError for anything else."""
        content = json.loads(text)
        if not isinstance(count := content['key']['count'], int) or count < 1:
            raise ValueError(f'count must be at least 1. Got {count!r}')
        return cls(FacesKey(**content['key']), CropReach(**content['reach']), content['quality'])


def faces_key(dataset: Any, samples: Sequence[Mapping[str, Any]]) -> FacesKey:
    """The key of all faces that a FaceDataset has read, its ``samples``, of which it may use some alone."""
    folder = str(dataset.data_prefix['img'] or '')
    sizes: dict[str, int] = {}
    digest = hashlib.sha256()
    for sample in samples:
        path = sample['img_path']
        file = file_of(path)
        if file not in sizes:
            sizes[file] = os.stat(file).st_size
        name = os.path.relpath(path, folder) if folder else path
        digest.update(f'{name}\0{sizes[file]}\0'.encode())
        digest.update(sample['bbox'].tobytes())
    parts = (type(dataset).__name__, Path(dataset.ann_file or '').stem, getattr(dataset, 'split', ''))
    label = '-'.join(re.sub(r'[^\w.]+', '_', part) for part in parts if part)
    return FacesKey(label, digest.hexdigest(), len(samples))
