"""What README.md and docs/ tell a reader to type: blocks of code, and commands in blocks and in the text."""

import re
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT

PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted((ROOT / 'docs').glob('*.md'))]
# A command that calls a script of ours: variables, the script, arguments.
SCRIPT_CALL = re.compile(r'((?:[A-Z_0-9]+=\S+ )*)(?:python )?((?:tools|benchmarks)/[\w/]+\.(?:py|sh))(?: (.*))?$')
_FENCE = re.compile(r'^```(\w*)\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """A block, or a command of one line, and where it stands (1-based line)."""

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f'{self.page.relative_to(ROOT)}:{self.line}'


def blocks(language: str) -> list[Snippet]:
    """The fenced blocks of all pages in a language."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding='utf-8')
        places = [match for match in _FENCE.finditer(text) if match[1] == language]
        found += [Snippet(page, text.count('\n', 0, place.start(2)) + 1, place[2]) for place in places]
    return found


def is_fragment(block: Snippet) -> bool:
    """Whether a block of Python is part of a config of the reader's own."""
    return bool(re.search(r'^model = dict\(', block.text, re.MULTILINE)) and '_base_' not in block.text


def is_whole_config(block: Snippet) -> bool:
    """Whether a block of Python is a config file, or the module that one imports."""
    return bool(re.search(r'^_base_ = |^@\w+\.register_module', block.text, re.MULTILINE))


def commands(block: Snippet) -> list[Snippet]:
    """The commands of a bash block, each of ``A && B`` apart, continued lines joined, without comments."""
    lines = re.sub(r'\\\n', '  ', block.text).split('\n')
    return [
        Snippet(block.page, block.line + number, command.strip())
        for number, line in enumerate(lines)
        for command in re.sub(r'(^|\s+)#.*', '', line).split(' && ')
        if command.strip()
    ]


def inline_code() -> list[Snippet]:
    """Code within the text of all pages."""
    found = []
    for page in PAGES:
        text = _FENCE.sub(lambda block: '\n' * block[0].count('\n'), page.read_text(encoding='utf-8'))
        places = re.finditer(r'`([^`]+)`', text)
        found += [Snippet(page, text.count('\n', 0, p.start()) + 1, ' '.join(p[1].split())) for p in places]
    return found
