"""What a page shows no longer that it showed before."""

import re

from mmsepbn.experiments.known_rows import STALE


def lost_rows(before: str, after: str) -> list[str]:
    """Rows of tables of runs, as ``title: row``, that have gone or have fewer seeds, between two pages in Markdown."""
    new = _rows(after)
    return [': '.join(key) for key, seeds in _rows(before).items() if new.get(key, 0) < seeds]


def _rows(page: str) -> dict[tuple[str, str], int]:
    """(title of the table, row) -> number of seeds."""
    title, within, found = '', False, {}
    for line in page.splitlines():
        if heading := re.match(r'#+ (.*)', line):
            title = heading[1]
        cells = [cell.strip() for cell in line.split('|')[1:-1]]
        within = cells[:2] == ['row', 'seeds'] or (within and bool(cells))
        if within and len(cells) > 1 and cells[1].isdecimal():
            found[title, cells[0].removesuffix(STALE)] = int(cells[1])
    return found
