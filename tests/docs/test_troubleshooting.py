"""docs/troubleshooting.md knows every error message: what to do stands in the message itself, or on the page."""

import ast
import re

from helpers import ROOT

PAGE = ROOT / 'docs' / 'troubleshooting.md'
PLACE = '…'  # what a message is told when it is raised
# The message itself says what is expected.
EXPECTATION = re.compile(r'\b(must|needs?|needed|expects?|expected|at least|knows|takes)\b')
# Reasons that stand within other messages, such as "... is refused: REASON", and what only a programmer meets.
INNER = {'DamagedError', 'pickle.UnpicklingError', 'zipfile.BadZipFile', 'ForkedError', 'ForkedCrashError'}
INNER |= {'RuntimeError', 'SystemExit', 'AttributeError'}
REASON = re.compile(r'(it|its|a|the|face) ')
# What others raise.
OF_OTHERS = {'Too many open files', "No module named 'mmcv._ext'"}


def template(node):
    """A text with PLACE for what is filled in; None where it is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return ''.join(str(part.value) if isinstance(part, ast.Constant) else PLACE for part in node.values)
    return None


def nodes():
    """All nodes of the package's code without docstrings."""
    for path in (ROOT / 'mmsepbn').rglob('*.py'):
        if '.mim' not in path.parts:
            tree = ast.parse(path.read_text())
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            yield from (node for node in ast.walk(tree) if id(node) not in docstrings)


def raised():
    """The messages of raise statements whose text stands there and is more than a place and a reason."""
    for node in nodes():
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            text = template(node.exc.args[0]) or ''
            inner = ast.unparse(node.exc.func) in INNER or REASON.match(text)
            if not inner and len(re.findall('[A-Za-z]{4,}', text)) > 1:
                yield text


def rows():
    """The messages of the page, each as a pattern of its constant parts."""
    cells = re.findall(r'^\| (`.*?) \| ', PAGE.read_text(encoding='utf-8'), re.MULTILINE)
    messages = [message for cell in cells for message in re.findall(r'`([^`]+)`', cell)]
    return {message: re.compile('.*'.join(map(re.escape, message.split('...'))), re.DOTALL) for message in messages}


def test_a_message_says_what_is_expected_or_the_page_what_to_do():
    messages = set(raised())
    assert len(messages) > 250
    silent = {message for message in messages if not EXPECTATION.search(message)}
    assert sorted(text for text in silent if not any(row.search(text) for row in rows().values())) == []


def test_the_page_holds_no_message_that_is_gone():
    texts = {text for node in nodes() if (text := template(node))}
    assert {said for said, row in rows().items() if not any(map(row.search, texts))} == OF_OTHERS
