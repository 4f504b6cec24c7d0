"""Suggestions for misspelled names."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches


def suggestion(name: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """A question that names the nearest of the known names, with a space before it; empty where none is near.

    Args:
        name: as it was given.
        known: the names, or a mapping of what ``name`` is compared with to the names.
        cutoff: least likeness that is near, 0 to 1, see :func:`difflib.get_close_matches`.
    """
    near = get_close_matches(name, sorted(known), n=1, cutoff=cutoff)
    names = [known[each] if isinstance(known, Mapping) else each for each in near]
    return ''.join(f' Did you mean {each!r}?' for each in names)
