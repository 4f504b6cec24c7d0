import sys
import warnings

import pytest

from mmsepbn.cli import plain_warnings as module
from mmsepbn.cli.errors import readable_errors

SHOWN = [
    (UserWarning, module.__file__, 'warning: Beware.\n'),
    (UserWarning, 'tool.py', 'warning: Beware.\n'),
    (UserWarning, 'other.py', 'other.py:3: UserWarning: Beware.\n'),
    (DeprecationWarning, 'tool.py', 'tool.py:3: DeprecationWarning: Beware.\n'),
]


@pytest.mark.parametrize(('category', 'file', 'said'), SHOWN)
def test_warnings_of_ours_are_shown_without_our_code(monkeypatch, category, file, said):
    monkeypatch.setattr(sys, 'argv', ['./tool.py'])
    usual = warnings.formatwarning
    with readable_errors():
        assert warnings.formatwarning('Beware.', category, file, 3) == said
    assert warnings.formatwarning is usual
