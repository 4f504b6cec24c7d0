"""The data loaders of a config that a tool needs."""

from typing import Any

from mmengine.config import Config

from mmsepbn.option_error import OptionError


def needed_loader(config: Config, name: str) -> Any:
    """The settings of a data loader, such as ``test_dataloader``. Raises OptionError: the config has none."""
    if config.get(name) is None:
        raise OptionError(f'The config must have a {name}. Got None.')
    return config[name]
