"""Where the configs of this package lie, in a clone as in an installed wheel."""

from difflib import get_close_matches
from pathlib import Path

_CONFIGS = Path(__file__).parent / '.mim' / 'configs'


def config_path(name: str) -> str:
    """The path of a config of this package, for a config elsewhere to be based on.

    MMEngine evaluates ``_base_`` apart from the rest of a config, so the import stands in the same line::

        _base_ = __import__('mmsepbn').config_path('sepbn_vanilla_wflw.py')

    MMEngine's own way, ``PACKAGE::FOLDER/NAME``, knows the packages of OpenMMLab alone.

    Args:
        name: its path below ``configs/``, such as ``_base_/default_runtime.py``.

    Raises:
        FileNotFoundError: there is none; names those that are called nearly so.
    """
    path = _CONFIGS / name
    if not path.is_file():
        known = sorted(str(file.relative_to(_CONFIGS)) for file in _CONFIGS.rglob('*.py'))
        near = get_close_matches(name, known)
        hint = f' Near ones: {", ".join(near)}.' if near else ''
        raise FileNotFoundError(f'config_path(name=) must be a config of mmsepbn. Got {name!r}.{hint}')
    return str(path)
