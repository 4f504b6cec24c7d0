from urllib.error import URLError

import pytest

from mmsepbn.apis.run_config import readable_errors
from mmsepbn.compat import CheckpointError


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            URLError('no name'),
            r'^error: Pretrained weights cannot be fetched: .*no name.* Name a local file',
        ),
        (
            CheckpointError('broken.pth is refused'),
            r'^error: broken.pth is refused\n\(MMSEPBN_TRACEBACK=1 shows',
        ),
    ],
)
def test_mistakes_of_the_user_end_in_their_message(error, message, monkeypatch):
    monkeypatch.delenv('MMSEPBN_TRACEBACK', raising=False)
    with pytest.raises(SystemExit, match=message), readable_errors():
        raise error


def test_mistakes_of_the_code_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), readable_errors():
        raise ZeroDivisionError
