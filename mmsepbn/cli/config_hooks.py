"""The hooks that a config names."""

from collections.abc import Mapping
from typing import Any

from mmsepbn.type_name import type_name


def hooks_of_kind(config: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The settings of all hooks of a class, custom ones first; hooks that are built already have none."""
    hooks = [*(config.get('custom_hooks') or []), *(config.get('default_hooks') or {}).values()]
    return [hook for hook in hooks if isinstance(hook, Mapping) and type_name(hook.get('type')) == name]
