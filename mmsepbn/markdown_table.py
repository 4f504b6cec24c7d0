"""Tables in Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_RULES = dict(l='---', r='---:')


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    """A table with a line for each of ``rows``, see :func:`markdown_lines`."""
    return '\n'.join(markdown_lines(head, rows, align))


def markdown_lines(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> Iterator[str]:
    """The lines of a table, each when its row is there.

    ``align`` has ``l`` or ``r`` for each column, left or right; its last letter holds for all that follow.
    """
    rules = [_RULES[letter] for letter in align.ljust(len(head), align[-1])[: len(head)]]
    for cells in chain((head, rules), rows):
        yield f'| {" | ".join(cells)} |'
