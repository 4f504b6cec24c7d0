import ast
import importlib.util
import logging
import os
import signal
import subprocess
import sys
from urllib.error import URLError

import pytest
from helpers import ROOT
from mmengine.logging import MMLogger
from mmpose.registry import MODELS
from torch.utils.data import DataLoader, Dataset

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.experiments.schedule import RunError
from mmsepbn.zoo.index import ZooError


@pytest.fixture(autouse=True)
def no_traceback(monkeypatch, request):
    """As users have it, before a run."""
    monkeypatch.delenv('MMSEPBN_TRACEBACK', raising=False)
    MMLogger.get_instance(request.node.name)  # others may have log files of earlier tests


class Unreadable(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise FileNotFoundError('The image a: b.png cannot be read.')


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            URLError('no name'),
            r'^error: Weights cannot be fetched: .*no name.* Give a local file',
        ),
        (
            CheckpointError('broken.pth is refused'),
            r'^error: broken.pth is refused\n\(MMSEPBN_TRACEBACK=1 shows',
        ),
        (ZooError('There is no network x.'), r'^error: There is no network x\.\n'),
        (RunError('2 of the runs have no result.'), r'^error: 2 of the runs have no result\.\n'),
    ],
)
def test_mistakes_of_the_user_end_in_their_message(error, message):
    with pytest.raises(SystemExit, match=message), readable_errors():
        raise error


def test_mistakes_found_by_a_worker_end_in_their_message_too():
    loader = DataLoader(Unreadable(), num_workers=1)
    with pytest.raises(SystemExit) as end, readable_errors():
        next(iter(loader))
    assert str(end.value) == 'error: The image a: b.png cannot be read.\n(MMSEPBN_TRACEBACK=1 shows where)'


@pytest.mark.parametrize('scope', ['mmdet', 'mmpretrain'])
def test_a_type_of_a_package_that_is_missing_names_the_package(monkeypatch, scope):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None if name == scope else find(name))
    config = dict(type='mmpose.TopdownPoseEstimator', backbone=dict(type=f'{scope}.CutOut'), head=None)
    with pytest.raises(SystemExit) as end, readable_errors(*SETTINGS_ERRORS):
        MODELS.build(config)
    message = f'The package {scope} is missing: the config names its {scope}.CutOut.'
    assert str(end.value).partition('\n')[0] == f'error: {message}'


def test_a_type_that_an_installed_package_lacks_is_not_its_absence():
    with (
        pytest.raises(SystemExit, match=r'KeyError: .*mmpose.Nothing is not in the'),
        readable_errors(*SETTINGS_ERRORS),
    ):
        MODELS.build(dict(type='mmpose.Nothing'))


def test_a_type_of_the_script_itself_is_not_a_missing_package():
    with pytest.raises(SystemExit, match=r'__main__\.Mine is not in the model registry'), readable_errors(KeyError):
        raise KeyError('__main__.Mine is not in the model registry.')


def test_mistakes_of_the_code_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), readable_errors():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (KeyError('img'), 'KeyError: img'),
        (IndexError('list index out of range'), 'IndexError: list index out of range'),
        (AssertionError(), 'AssertionError'),
        (AttributeError("'int' object has no attribute 'get'"), "AttributeError: 'int' object has no attribute 'get'"),
        (TypeError('A() got b'), 'A() got b'),
        (RuntimeError('mat1 and mat2 do not fit'), 'mat1 and mat2 do not fit'),
        (PermissionError(13, 'Permission denied', 'run'), "[Errno 13] Permission denied: 'run'"),
    ],
)
def test_errors_of_settings_end_in_a_line_that_says_what_they_are(error, message):
    with pytest.raises(SystemExit) as end, readable_errors(*SETTINGS_ERRORS):
        raise error
    assert str(end.value) == f'error: {message}\n(MMSEPBN_TRACEBACK=1 shows where)'
    with pytest.raises(type(error)), readable_errors():
        raise error


def test_the_traceback_is_shown_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv('MMSEPBN_TRACEBACK', '1')
    with pytest.raises(KeyError), readable_errors(*SETTINGS_ERRORS):
        raise KeyError('img')


@pytest.fixture
def log_file(tmp_path):
    """The log file of a run that is going on."""
    logger, handler = MMLogger.get_current_instance(), logging.FileHandler(tmp_path / 'run.log')
    logger.addHandler(handler)
    yield tmp_path / 'run.log'
    logger.removeHandler(handler)


def test_what_may_be_a_fault_of_the_code_is_kept_in_the_log(log_file):
    def fault():
        raise TypeError('unsupported operand')

    with pytest.raises(SystemExit) as end, readable_errors(*SETTINGS_ERRORS):
        fault()
    assert str(end.value).endswith(f'(MMSEPBN_TRACEBACK=1 shows where, as does {log_file})')
    assert 'in fault\n' in log_file.read_text()
    for error in (CheckpointError('broken.pth is refused'), ZooError('There is no network x.')):
        with pytest.raises(SystemExit, match=r'shows where\)$'), readable_errors(*SETTINGS_ERRORS):
            raise error


def test_every_error_of_the_package_is_a_mistake_of_the_user_but_those_that_others_put_into_words():
    trees = [ast.parse(file.read_text()) for file in (ROOT / 'mmsepbn').rglob('*.py')]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {node.name: {ast.unparse(base) for base in node.bases} for node in classes if node.name.endswith('Error')}
    new = {name for name, own in bases.items() if not own & {'UserError', *bases}}
    assert new == {'UserError', 'DamagedError', 'ForkedError'}


def test_the_errors_of_commands_are_imported_before_all_that_may_be_missing():
    code = "import sys, mmsepbn.cli.errors; print({'numpy', 'cv2', 'torch', 'mmengine'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, '-c', code], text=True) == 'set()\n'


def misread():
    """As code does that takes any exception for one of its own."""
    try:
        raise KeyboardInterrupt
    except BaseException as error:
        raise SyntaxError('Failed to format the config file') from error


def test_an_interrupt_ends_in_one_line_whatever_was_made_of_it(capsys):
    def plain():
        raise KeyboardInterrupt

    for interrupted in (plain, misread):
        for options, said in (({}, 'Saved files are kept.'), (dict(interrupted='Go on.'), 'Go on.')):
            with pytest.raises(SystemExit) as end, readable_errors(**options):
                interrupted()
            assert end.value.code == 130
            assert capsys.readouterr().err == f'Interrupted. {said}\n'
    with pytest.raises(SyntaxError), readable_errors():
        raise SyntaxError('no interrupt')


def test_an_error_that_quotes_another_is_shown_whole():
    with pytest.raises(SystemExit, match=r'^error: class `X` in y\.py: ValueError: foo'), readable_errors(ValueError):
        raise ValueError('class `X` in y.py: ValueError: foo')


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmpose', None)
    with (
        pytest.raises(SystemExit, match=r'^error: The package mmpose is missing\. `make env` '),
        readable_errors(ImportError),
    ):
        import mmpose
    monkeypatch.undo()
    with pytest.raises(SystemExit, match=r"^error: No module named 'mmpose\.nothing'"), readable_errors(ImportError):
        import mmpose.nothing  # noqa: F401


@pytest.mark.parametrize('words', [1, 100_000])
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_a_command_ends_without_a_word_where_nobody_reads_its_output(words, unbuffered):
    code = (
        'from mmsepbn.cli.errors import readable_errors\n'
        f"with readable_errors(OSError):\n    print('words ' * {words})\n    print('more')"
    )
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | dict(PYTHONUNBUFFERED=unbuffered)
    command = [sys.executable, '-c', code]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b'')


def test_what_the_encoding_of_the_output_lacks_is_escaped():
    code = (
        'from mmsepbn.cli.errors import readable_errors\n'
        "with readable_errors():\n    print('written: \\xf6/caf\\udce9')"
    )
    environment = os.environ | dict(PYTHONIOENCODING='ascii')
    output = subprocess.check_output([sys.executable, '-c', code], env=environment)
    assert output == rb'written: \xf6/caf\udce9' + b'\n'


def test_another_broken_pipe_is_an_error():
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(SystemExit, match='Broken pipe'), readable_errors(OSError):
        os.write(writer, b'on')
    os.close(writer)
