"""Find annotations of MMPose's JSON that may be no faces: all of them are read as faces."""

from collections import Counter
from pathlib import Path
from reprlib import repr as short

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.coco_file import section_of
from mmsepbn.datasets.formats.json_file import load_json
from mmsepbn.datasets.formats.mmpose_json import is_json


def json_kinds(dataset: FaceDataset) -> str | None:
    """How many annotations each category has, if there are several, and how many have ``iscrowd``; None: neither."""
    path = Path(dataset.ann_file)
    if not is_json(path) or type(dataset).read_json is not FaceDataset.read_json:
        return None
    entries = section_of(load_json(path), 'annotations', path)
    counts = Counter(short(entry['category_id']) for entry in entries if 'category_id' in entry)
    crowds = sum(bool(entry.get('iscrowd')) for entry in entries)
    said = [f'category_id {category}: {count}' for category, count in counts.items()] if len(counts) > 1 else []
    said += [f'iscrowd: {crowds}'] if crowds else []
    return f'{path}: all annotations are read as faces, also those of {"; ".join(said)}.' if said else None
