"""The pages that are committed, and what a page says of a network."""

import subprocess

import pytest
import yaml
from helpers import ROOT
from zoo_folder import entry

from mmsepbn.export.zoo_page import render_pages
from mmsepbn.zoo.index import FOLDER, NAME, read_index
from mmsepbn.zoo.resolve import verified

MOST = 16_000_000  # bytes of a network's files together


@pytest.mark.parametrize('page', ['docs/zoo.md', 'configs/metafile.yml', 'model-index.yml'])
def test_committed_pages_are_those_of_the_index(page):
    """tools/publish.py --render writes them."""
    assert (ROOT / page).read_text('utf-8') == render_pages(read_index(FOLDER))[page]


def test_committed_networks_are_whole_and_small_and_nothing_else_lies_there():
    networks = read_index(FOLDER)
    files = [file for network in networks for file in (network.onnx, network.checkpoint)]
    assert {path.name for path in FOLDER.iterdir() if path.suffix in ('.onnx', '.pth')} == {file.name for file in files}
    for network in networks:
        assert NAME.fullmatch(network.name)
        assert network.onnx.size + network.checkpoint.size <= MOST
        assert network.difference <= 0.1
        for file, suffix in ((network.onnx, 'onnx'), (network.checkpoint, 'pth')):
            assert verified(FOLDER, file).stat().st_size == file.size
            assert file.name == f'{network.name}-{file.sha256[:8]}.{suffix}'
        assert (ROOT / network.config).is_file()
    assert len({network.name for network in networks}) == len(networks)


@pytest.mark.skipif(not (ROOT / '.git').exists(), reason='this is no clone')
def test_git_takes_the_files_in():
    names = ['mmsepbn/zoo/one-12345678.onnx', 'mmsepbn/zoo/one-12345678.pth', 'mmsepbn/zoo/index.json']
    ignored = subprocess.run(['git', 'check-ignore', *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ignored.returncode, ignored.stdout) == (1, '')


def test_a_card_says_all_that_is_known():
    page = render_pages([entry('two'), entry('one', training=dict(sets=['300w'], epochs=1, seed=0, date='today'))])
    lines = page['docs/zoo.md'].splitlines()
    assert 'python tools/info.py two' in lines
    two, one = lines.index('## two'), lines.index('## one')
    card = lines[two:one]
    for line in (
        '| network | MobileNetV2, norms SepBN, 3.40 million parameters |',
        '| landmarks | 300w 68, wider_face 5 |',
        '| crop | 8 x 6 pixels |',
        '| [box maps](detectors.md#fitting-boxes) | for the detectors haar, mtcnn for 300w |',
        '| recipe | `configs/cnt_sepbn_mobilenetv2.py`, 60 epochs, seed 4, ended 2026-11-26 07:29:32 |',
        f'| commit | of the training {"c" * 40}; of the files {"d" * 40} |',
        f'| `two-12345678.onnx` | 2.34 MB, SHA-256 `{"12345678" * 8}` |',
        '| licence | code: Apache-2.0; weights: research use |',
        '| results | test set | NME % | AUC@0.10 |',
        '| --- | --- | ---: | ---: |',
        '- `300w`: 50 faces of 300W.',
        '| annotated boxes | 300w | 3.50 | 0.625 |',
        '| found boxes | 300w/common | 4.25 |  |',
        *('Sets: 300w, wider_face.', 'Faces of *somewhere*.', 'In the dark.'),
    ):
        assert line in card
    assert f'| commit | of the training unknown; of the files {"d" * 40} |' in lines[one:]
    assert not [line for line in lines if line.endswith(' ')]
    changed = render_pages([entry(source=dict(commit=None, dirty=True), box_maps={})])['docs/zoo.md']
    assert '| commit | of the training ' + 'c' * 40 + '; of the files unknown, with changes |' in changed
    assert '| [box maps](detectors.md#fitting-boxes) | none: boxes as annotated |' in changed


def test_an_empty_zoo_has_a_page_too():
    assert 'No network is published yet.' in render_pages([])['docs/zoo.md']


def test_openmmlabs_form():
    pages = render_pages([entry()])
    assert yaml.safe_load(pages['model-index.yml']) == dict(Import=['configs/metafile.yml'])
    content = yaml.safe_load(pages['configs/metafile.yml'])
    (model,) = content['Models']
    assert model['In Collection'] in [collection['Name'] for collection in content['Collections']]
    assert model['Config'] == 'configs/cnt_sepbn_mobilenetv2.py'
    assert model['Weights'] == 'mmsepbn/zoo/one-87654321.pth'
    assert model['Metadata'] == {
        'Architecture': ['MobileNetV2', 'SepBN'],
        'Training Data': ['300w', 'wider_face'],
        'Parameters': 3_400_000,
    }
    assert [(result['Dataset'], result['Metrics']) for result in model['Results']] == [
        ('50 faces of 300W, annotated boxes', {'NME': 3.5, 'AUC_0.10': 0.625}),
        ('the same 50, found boxes', {'NME': 4.25}),
    ]
    unnamed = yaml.safe_load(render_pages([entry(test_faces={})])['configs/metafile.yml'])['Models'][0]
    assert unnamed['Results'][1]['Dataset'] == '300w/common, found boxes'
