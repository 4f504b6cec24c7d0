"""Long lists in messages."""

from collections.abc import Sequence


def shortened(entries: Sequence[str], joint: str = '\n  ', shown: int = 10) -> str:
    """The first entries and the number of the others, with ``joint`` between them; empty where there are none."""
    more = [f'and {len(entries) - shown} more'] if len(entries) > shown else []
    return joint.join([*entries[:shown], *more])
