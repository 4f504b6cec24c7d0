"""Commands, options and names of README.md and docs/ are there; ``make docs-check`` runs the blocks."""

import argparse
import copy
import pkgutil
import re
import runpy
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from doc_blocks import PAGES, SCRIPT_CALL, blocks, commands, inline_code
from helpers import ROOT

from mmsepbn.config_file import read_config
from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.merge import merge_options

IN_BLOCKS = [command for block in blocks('bash') for command in commands(block)]
IN_TEXT = inline_code()
# Words that stand for one of several; the others, such as CONFIG, may be any text.
STAND_INS = dict(KIND='routes', TABLE='real_whole')
# Files that a page tells its reader to write.
READERS_FILES = {
    *('configs/cnt_six.py', 'configs/cnt_simcc.py', 'configs/cnt_rle.py'),
    *('configs/heatmap_vanilla_wflw.py', 'configs/sepbn_resnet18_wflw.py'),
}


class _Reached(BaseException):
    """Not an Exception, which the tools would turn into a line."""


@cache
def parser_of(script: str) -> argparse.ArgumentParser:
    """The parser that a script builds, without running what follows."""
    found = []

    def stop(parser, *_):
        found.append(parser)
        raise _Reached

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, 'parse_args', stop)
        patch.setattr(argparse.ArgumentParser, 'parse_intermixed_args', stop)
        patch.setattr(sys, 'path', [str((ROOT / script).parent), *sys.path])
        with pytest.raises(_Reached):
            runpy.run_path(str(ROOT / script), run_name='__main__')
    return found[0]


def calls(snippets):
    """Calls of our Python scripts: where, the script, its arguments."""
    for snippet in snippets:
        if (call := SCRIPT_CALL.match(snippet.text)) and call[2].endswith('.py'):
            yield pytest.param(call[2], call[3] or '', id=str(snippet))


def check_options(arguments: argparse.Namespace) -> None:
    """Something reads the keys of ``--cfg-options``."""
    config = getattr(arguments, 'config', None)
    if config and getattr(arguments, 'cfg_options', None) and (ROOT / config).is_file():
        merge_options(read_config(ROOT / config), arguments.cfg_options)


def parse(parser, arguments):
    words = [STAND_INS.get(word, word) for word in shlex.split(arguments)]
    try:
        check_options(parser.parse_intermixed_args(words))
    except SystemExit:
        pytest.fail(f'{parser.prog} does not take {words}')


@pytest.mark.parametrize(('script', 'arguments'), calls(IN_BLOCKS))
def test_a_script_takes_the_command_of_a_block(script, arguments, tmp_path, monkeypatch):
    parser = parser_of(script)
    monkeypatch.chdir(tmp_path)  # types of arguments make folders
    parse(parser, arguments)


@pytest.mark.parametrize(('script', 'arguments'), calls(IN_TEXT))
def test_a_script_takes_the_command_of_the_text(script, arguments, tmp_path, monkeypatch):
    """What the command is not about may be left out."""
    parser = copy.deepcopy(parser_of(script))
    for action in parser._actions:
        action.required = False
    monkeypatch.chdir(tmp_path)
    parse(parser, arguments.replace('...', ''))


def test_an_option_that_is_named_alone_is_one_of_a_script():
    scripts = [path for folder in ('tools', 'benchmarks', 'benchmarks/method') for path in (ROOT / folder).glob('*.py')]
    sources = [str(path.relative_to(ROOT)) for path in scripts if "'__main__'" in path.read_text()]
    known = {option for script in sources for option in parser_of(script)._option_string_actions}
    named = {(str(code), option) for code in IN_TEXT for option in re.findall(r'^(--[a-z][\w-]+)', code.text)}
    assert len(named) > 20
    assert {(place, option) for place, option in named if option not in known} == set()


def test_make_knows_its_targets():
    targets = {snippet.text for snippet in IN_BLOCKS + IN_TEXT if re.match(r'make \w', snippet.text)}
    assert {'make demo', 'make test', 'make docs'} <= targets
    for target in targets:
        done = subprocess.run(
            ['make', '-n', *shlex.split(target)[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_files_that_pages_name_are_there():
    path = re.compile(r'(?<![\w/.])((?:configs|tools|benchmarks|mmsepbn|tests|requirements)/[\w/.{}*-]*[\w}])')
    named = {(page.name, name) for page in PAGES for name in path.findall(page.read_text(encoding='utf-8'))}
    assert len(named) > 60
    missing = {
        (page, name)
        for page, name in named
        if name not in READERS_FILES and not list(ROOT.glob(re.sub(r'\{[^}]*\}', '*', name)))
    }
    assert missing == set()


def test_names_of_the_package_are_there():
    names = {(str(code), name) for code in IN_TEXT for name in re.findall(r'\bmmsepbn(?:\.\w+)+', code.text)}
    assert len(names) > 20
    classes = (re.findall(r'^class (\w+)', block.text, re.MULTILINE) for block in blocks('python'))
    readers = {f'mmsepbn.{name}' for found in classes for name in found}  # which a page tells its reader to write
    for place, name in ((place, name) for place, name in names if name not in readers):
        try:
            pkgutil.resolve_name(name)
        except (AttributeError, ImportError) as error:
            pytest.fail(f'{place}: {name}: {error}')


def test_variables_that_commands_set_are_read():
    sources = [path for folder in ('mmsepbn', 'configs', 'benchmarks') for path in (ROOT / folder).rglob('*.py')]
    text = '\n'.join(path.read_text() for path in [*sources, ROOT / 'Makefile'])
    setting = re.compile(r'^(?:export |make \S+ )?([A-Z][A-Z0-9_]+)=')
    named = {found[1] for code in IN_BLOCKS + IN_TEXT if (found := setting.match(code.text))}
    assert {'FACES_ROOT', 'CNT_SETS', 'MMSEPBN_TRACEBACK'} <= named
    assert {name for name in named if not re.search(rf'\b{name}\b', text)} == set()


@pytest.mark.slow
def test_keys_of_configs_that_the_text_names_are_read():
    """By one of the configs at least; the key that a page says is refused by none."""
    pattern = re.compile(r'(?:^|--cfg-options )"?((?:[a-z_]\w*\.)+\w+)=')
    keys = {key for code in IN_TEXT for key in pattern.findall(code.text)}
    assert len(keys) > 8
    names = ('sepbn_vanilla_300w', 'sepbn_resnext50_wflw', 'cnt_sepbn_vanilla')
    configs = [ROOT / 'configs' / f'{name}.py' for name in names]
    assert {key for key in keys if not any(is_read(key, config) for config in configs)} == {'norm.num_routes'}


def is_read(key: str, config: Path) -> bool:
    try:
        merge_options(read_config(config), {key: None})
    except OptionError:
        return False
    return True


def test_links_lead_somewhere():
    links = [
        (page, link)
        for page in PAGES
        for link in re.findall(r'\]\(([^)#\s]+)[^)]*\)', page.read_text(encoding='utf-8'))
        if not link.startswith('http')
    ]
    assert len(links) > 30
    assert [(page.name, link) for page, link in links if not Path(page.parent, link).exists()] == []


def test_the_workflow_runs_each_part_of_ci():
    parts = re.findall(r'^make .*', (ROOT / '.ci' / 'run').read_text(), re.MULTILINE)
    jobs = yaml.safe_load((ROOT / '.github' / 'workflows' / 'ci.yml').read_text())['jobs']
    run = {step.get('run') for job in jobs.values() for step in job['steps']}
    assert {'make lint', 'make test'} <= set(parts) <= run
