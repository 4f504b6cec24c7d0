"""Names of data sets and subsets, by which results are named."""

import re

_NAME = re.compile(r'\w[\w .-]*')


def check_set_name(name: str, parameter: str) -> str:
    """The name of a data set or subset, which begins the names of its rows.

    Raises:
        ValueError: it has other characters than letters, digits, ``_``, ``-``, ``.`` and blanks; names ``parameter``.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"{parameter} must be a name of letters, digits, '_', '-', '.' and blanks that begins with a letter or "
            f'digit: it names rows of results, and MLflow refuses others. Got {name!r}.'
        )
    return name
