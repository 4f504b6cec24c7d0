"""The environment's variables that say where data sets lie, as configs/_base_/datasets/sets.py reads them."""

ALL_SETS = 'FACES_ROOT'
ONE_SET = dict(
    WFLWDataset='WFLW_ROOT',
    COFWDataset='COFW_ROOT',
    AFLWDataset='AFLW_ROOT',
    Face300WDataset='FACE300W_ROOT',
    WiderFaceDataset='WIDER_FACE_ROOT',
)
ROOT_VARIABLES = (ALL_SETS, *ONE_SET.values())


def root_hint(dataset_class: str) -> str:
    """A sentence, begun by a blank, about what sets ``data_root`` in this package's configs; empty for other sets."""
    own = ONE_SET.get(dataset_class)
    return f" This package's configs take data_root from {own} or {ALL_SETS} in the environment." if own else ''
