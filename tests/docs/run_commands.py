"""``make docs-check``: the blocks of README.md and docs/ are run, on tiny synthetic sets and for one epoch.

A new block is run as well: give it a stand-in for what it needs, or a line of its own in NOT_RUN.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import pytest
from doc_blocks import blocks, commands, is_fragment, is_whole_config
from helpers import ROOT

from mmsepbn.detectors.make import make_detector
from mmsepbn.synthetic import generate_faces

# A command, or a block of Python, that begins so is not run, because ...
NOT_RUN = {
    'make ': 'test_commands.py asks make for its targets; .ci/run and the workflow run them',
    '. .venv/bin/activate': 'the check runs in it',
    'export FACES_ROOT=/path/to/faces': 'the check names its own',
    'pip install': 'it changes the environment; make env and tests/test_package.py install',
    'pre-commit install': 'it changes the clone',
    'tools/slurm_train.sh': 'it needs Slurm',
    'python tools/fit_boxes.py CONFIG --faces mtcnn --checkpoint CHECKPOINT --confidence': 'one epoch is too short',
    'cp mmsepbn/zoo/': 'the check runs outside the clone',
    'python tools/fit_boxes.py configs/zoo/': 'calibrating the bundled network needs 300W itself',
    'python tools/publish.py': 'it adds files to the package; tests/tools/test_publish.py runs it',
    'python benchmarks/method/': 'it needs faces that are downloaded, and hours',
}
# What a command of a page says: what is run.
STAND_INS = {
    'wflw.py 4': 'wflw.py 2 --work-dir several',  # processes; the checkpoint that pages take for given stays
    'CHECKPOINT 4': 'CHECKPOINT 2',
    'CONFIG FILE': 'CONFIG CHECKPOINT',
    '--checkpoint FILE': '--checkpoint CHECKPOINT',
    'CHECKPOINT': 'work_dirs/sepbn_vanilla_wflw/epoch_1.pth',
    'CONFIG': 'configs/sepbn_vanilla_wflw.py',
    'FOLDER_OF_BN': 'tested',
    'FOLDER_OF_SEPBN': 'tested',
    'sepbn_vanilla_300w': 'sepbn_vanilla_wflw',  # which is trained already
    '--faces mtcnn': '--faces whole',  # without a package of its own
    'epoch_500': 'epoch_1',
    '--protocol 300w': '--protocol wflw',
    'tools/predict.py': 'tools/predict.py --overwrite',  # what the commands before it wrote
    "provider='cuda'": "provider='cpu'",
}
# What a script of a page takes for given.
GIVEN = """
import numpy as np
crops = np.zeros((2, 128, 128, 3), np.uint8)
CONFIG, CHECKPOINT = 'configs/sepbn_vanilla_wflw.py', 'work_dirs/sepbn_vanilla_wflw/epoch_1.pth'
x1, y1, x2, y2 = 10, 20, 110, 120
image, FOLDER_OF_THE_IMAGES, PATH_OF_mmpose_wflw_json = 'image.jpg', '.', 'mmpose_wflw.json'
"""
# Added to configs: one epoch, as many faces as the tiny sets have.
BRIEF = {
    '_base_/schedules/paper_500e.py': 'train_cfg.update(max_epochs=1, val_interval=1)\nparam_scheduler = []\n',
    '_base_/default_runtime.py': "default_hooks['checkpoint'].update(interval=1, save_best=None)\n",
    '_base_/datasets/sets.py': 'aflw_train.update(num_train=8)\naflw_test.update(num_train=8)\n'
    'wider_face_train.update(min_size=10)\n',
}


def is_run(text: str) -> bool:
    return not text.startswith(tuple(NOT_RUN))


def stood_in(text: str, *words: str) -> str:
    """The text with the stand-ins of ``words``."""
    for said in words:
        text = text.replace(said, STAND_INS[said])
    return text


def shell_commands():
    """Each command with the exports of its block before it."""
    for block in blocks('bash'):
        exports: list[str] = []
        for command in filter(lambda command: is_run(command.text), commands(block)):
            if command.text.startswith('export '):
                exports.append(command.text)
            else:
                yield pytest.param(' && '.join([*exports, command.text]), id=str(command))


def scripts():
    """The Python of each page that is no config, all of its blocks together; test_python_blocks.py has the configs."""
    pages = {}
    for block in blocks('python'):
        if is_run(block.text) and not is_fragment(block) and not is_whole_config(block):
            pages.setdefault(block.page.name, []).append(block.text)
    return [pytest.param('\n'.join(texts), id=page) for page, texts in pages.items()]


@pytest.fixture(scope='module')
def run(tmp_path_factory, synthetic_faces):
    """Runs a program, once, in a folder as a clone is, with brief configs, an image and a video of a face."""
    folder = tmp_path_factory.mktemp('clone')
    shutil.copytree(ROOT / 'configs', folder / 'configs')
    for name, lines in BRIEF.items():
        with (folder / 'configs' / name).open('a') as file:
            file.write(lines)
    for path in (folder / 'configs').glob('*.py'):
        path.write_text(path.read_text().replace('epoch_500', 'epoch_1'))
    (folder / 'tools').symlink_to(ROOT / 'tools')
    write_images(folder)
    environment = os.environ | dict(
        FACES_ROOT=str(synthetic_faces), PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}', PORT='29533'
    )

    @cache
    def run(*arguments: str) -> None:
        done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f'{arguments[-1]}\n{done.stdout[-3000:]}{done.stderr[-3000:]}'

    return run


def write_images(folder: Path) -> None:
    """Images of a face that the detector of OpenCV finds, and clip.mp4, ten frames of it."""
    detector = make_detector('haar')
    image = next(face.image for face in generate_faces(30, size=256, workers=1) if len(detector(face.image)[0]))
    for name in ('image.jpg', 'photo.jpg', 'photos/a.jpg', 'more/a.png', 'folder/a.jpg'):
        (folder / name).parent.mkdir(exist_ok=True)
        assert cv2.imwrite(str(folder / name), image)
    clip = cv2.VideoWriter(str(folder / 'clip.mp4'), cv2.VideoWriter.fourcc(*'mp4v'), 10, (256, 256))
    for _ in range(10):
        clip.write(image)
    clip.release()


@pytest.fixture(scope='module')
def shell(run):
    """Runs a command with its stand-ins."""

    return lambda command: run('bash', '-c', stood_in(command, *STAND_INS))


@pytest.fixture(scope='module', autouse=True)
def tested_run(shell):
    """The checkpoint that pages take for given, and the folder ``tested`` with what tools/report.py compares."""
    shell('python tools/train.py CONFIG')
    shell('python tools/test.py CONFIG CHECKPOINT --per-face tested/per_face.csv --dump tested/predictions.npz')


def skip_without_onnx(text: str) -> None:
    if '.onnx' in text:
        pytest.importorskip('onnxscript')
        pytest.importorskip('onnxruntime')


@pytest.mark.parametrize('command', shell_commands())
def test_a_command_of_a_page_runs(command, shell):
    skip_without_onnx(command)
    shell(command)


@pytest.mark.parametrize('script', scripts())
def test_the_script_of_a_page_runs(script, run):
    skip_without_onnx(script)
    run('python', '-c', GIVEN + stood_in(script, 'epoch_500', "provider='cuda'"))


@pytest.mark.parametrize('beginning', NOT_RUN)
def test_what_is_not_run_is_there(beginning):
    texts = [command.text for block in blocks('bash') for command in commands(block)]
    texts += [block.text for block in blocks('python')]
    assert any(text.startswith(beginning) for text in texts)
