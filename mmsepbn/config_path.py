"""Where the configs of this package lie, in a clone as in an installed wheel."""

from pathlib import Path

from mmsepbn.suggestion import suggestion

_CONFIGS = Path(__file__).parent / '.mim' / 'configs'


def config_path(name: str) -> str:
    """The path of a config of this package, for a config elsewhere to be based on.

    MMEngine evaluates ``_base_`` apart from the rest of a config, so the import stands in the same line::

        _base_ = __import__('mmsepbn').config_path('sepbn_vanilla_wflw.py')

    MMEngine's own way, ``PACKAGE::FOLDER/NAME``, knows the packages of OpenMMLab alone.

    Args:
        name: its path below ``configs/``, such as ``_base_/default_runtime.py``.

    Raises:
        FileNotFoundError: no such config; suggests the one with the most similar name.
    """
    path = _CONFIGS / name
    if not path.is_file():
        known = {str(file.relative_to(_CONFIGS)) for file in _CONFIGS.rglob('*.py')}
        raise FileNotFoundError(
            f'config_path(name=) must be a config of mmsepbn. Got {name!r}.{suggestion(name, known)}'
        )
    return str(path)
