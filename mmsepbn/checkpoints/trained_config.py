"""The config in a checkpoint."""

import os.path
from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePath
from typing import Any

from mmengine.config import Config


def meta_of(checkpoint: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a checkpoint notes besides its weights; empty where it has no notes."""
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, Mapping) else {}


def trained_config(checkpoint: Mapping[str, Any]) -> Config | None:
    """The config with which a checkpoint was trained; None if it is missing or unreadable."""
    text = meta_of(checkpoint).get('cfg')
    if isinstance(text, str):
        with suppress(Exception):  # a config is Python code; a checkpoint's own is checked to be plain values
            return Config.fromstring(text, '.py')
    return None


def portable_text(config: Config) -> str:
    """The text of a config for other machines: plain values alone, see :func:`without_folders`."""
    plain = Config.fromstring(config.pretty_text, '.py')  # of the new style too, whose types are classes
    return Config(without_folders(plain.to_dict())).pretty_text


def without_folders(node: Any) -> Any:
    """Nested values of a config, with absolute paths reduced to their last part."""
    if isinstance(node, Mapping):
        return {key: without_folders(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return type(node)(map(without_folders, node))
    return PurePath(node).name if isinstance(node, str) and os.path.isabs(node) else node
