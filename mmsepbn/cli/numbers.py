"""Numbers named on the command line."""

import argparse
import math
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Number = TypeVar('Number', int, float)


def number(kind: type[Number], low: Number, high: Number | None = None) -> Callable[[str], Number]:
    """A type for argparse: an ``int`` or a ``float`` from ``low`` to ``high``, both included; None: without an end."""
    what = 'a whole number' if kind is int else 'a number'
    where = f'of at least {low}' if high is None else f'in [{low}, {high}]'

    def check(text: str) -> Number:
        with suppress(ValueError):
            if low <= (value := kind(text)) <= (math.inf if high is None else high):
                return value
        raise argparse.ArgumentTypeError(f'must be {what} {where}. Got {text}.')

    return check
