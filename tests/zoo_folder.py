"""A zoo of networks written by hand: their entries, and a folder with an index and a file."""

from mmsepbn.file_digest import file_sha256
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.zoo.index import ZooFile, ZooNetwork, write_index


def entry(name='one', **changes):
    """The entry of a network, as the index has it."""
    known = dict(
        name=name,
        summary='A network for tests.',
        onnx=ZooFile(f'{name}-12345678.onnx', '12345678' * 8, 2_340_000),
        checkpoint=ZooFile(f'{name}-87654321.pth', '87654321' * 8, 1_000_000),
        config='configs/cnt_sepbn_mobilenetv2.py',
        protocols=('300w', 'wider_face'),
        input_size=(8, 6),
        box_maps={'haar': BoxMap(0.1, -0.2, 0.9), 'mtcnn/300w': BoxMap()},
        network=dict(backbone='MobileNetV2', norms=['SepBN'], branches=['Own'], estimator='T', parameters=3_400_000),
        training=dict(sets=['300w', 'wider_face'], epochs=60, seed=4, date='2026-11-26 07:29:32', commit='c' * 40),
        results={
            'annotated boxes': {'300w/NME': 3.5, '300w/AUC_0.10': 0.625},
            'found boxes': {'300w/common/NME': 4.25},
        },
        source=dict(commit='d' * 40, dirty=False),
        difference=0.03125,
        tried_on='16 faces of the test set',
        data='Faces of *somewhere*.\n',
        fails='In the dark.\n',
        licences=dict(code='Apache-2.0', data='research use'),
        test_faces={'300w': '50 faces of 300W', '300w/common': 'the same 50'},
    )
    return ZooNetwork(**(known | changes))


def add(folder, name, **files):
    """Index a network with the paths ``files`` (``onnx``, ``checkpoint``) in the folder."""
    own = {kind: ZooFile(path.name, file_sha256(path), path.stat().st_size) for kind, path in files.items()}
    write_index(folder, [entry(name, **own)])
