"""Options of the command line that change a config."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from mmsepbn.config_file import read_config, use_scope
from mmsepbn.run_settings.merge import merge_options


class KeyValues(DictAction):
    """MMEngine's KEY=VALUE, but a text that is no list keeps its spaces, and a mistake ends in the usage."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        """Add the pairs to what an earlier use of the option gave."""
        options = dict(getattr(namespace, self.dest, None) or {})
        for pair in values:
            key, equals, text = pair.partition('=')
            if not equals or not all(key.split('.')):
                parser.error(
                    f'argument {option_string}: must be KEY=VALUE, such as train_cfg.max_epochs=5. Got {pair!r}.'
                )
            try:
                options[key] = self._parsed(text)
            except (AssertionError, argparse.ArgumentTypeError) as error:
                parser.error(f'argument {option_string}: {pair!r}: {error}.')
        setattr(namespace, self.dest, options)

    def _parsed(self, text: str) -> Any:
        plain = text.strip('\'"')
        if re.search(r"""\bdict\(|^[\[( ]*\{['"]""", plain):  # it would be read as texts
            raise argparse.ArgumentTypeError(
                'a dict cannot be given here; set it in a config file, or its entries by dotted keys'
            )
        if plain[:1] + plain[-1:] in ('()', '[]') or ',' in plain:
            return self._parse_iterable(text)
        return self._parse_int_float_bool(plain)


def add_cfg_options(
    parser: argparse.ArgumentParser,
    what: str = 'changes of the config, such as train_cfg.max_epochs=5 train_dataloader.batch_size=16',
) -> None:
    """``--cfg-options``, for :func:`merge_options`."""
    parser.add_argument('--cfg-options', nargs='+', action=KeyValues, default={}, metavar='KEY=VALUE', help=what)


def config_of(path: str | Path, options: Mapping[str, Any]) -> Config:
    """The config of a file with ``options`` merged, whose parts can be built: its scope is the current one.

    Raises:
        OptionError: see :func:`read_config` and :func:`merge_options`.
    """
    config = read_config(path)
    merge_options(config, options)
    use_scope(config)
    return config
