"""Pages that are rendered from templates."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2


def page_template(
    path: Path, filters: Mapping[str, Callable[..., str]] | None = None, **options: Any
) -> jinja2.Template:
    """The template in a file, which refuses names that it is not given.

    Args:
        path: the file.
        filters: further ones, by name.
        options: of :class:`jinja2.Environment`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        **options,
    )
    environment.filters |= filters or {}
    return environment.get_template(path.name)
