"""Damage annotation files in many ways and count what the readers do: ``make fuzz``.

Ends with status 1 where a reader raised another exception than AnnotationError, hung, kept numbers that are not finite,
opened a file outside its root, or crashed outside of HDF5's C library.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fuzz.child import Child
from fuzz.readers import READERS, write_sets

from mmsepbn.markdown_table import markdown_table

COLUMNS = ('read', 'AnnotationError', 'other', 'wrong', 'outside', 'hang', 'crash')


def fuzz(sets: Path, cases: int, seed: int, readers=tuple(READERS)) -> tuple[dict[str, Counter], list[str]]:
    """Outcomes by reader, and a line for each that must not be."""
    counts, faults = {}, []
    child = Child(sets, seed)
    for reader in readers:
        counts[reader] = Counter()
        for case in range(cases):
            outcome, details = child.outcome(reader, case)
            counts[reader][outcome] += 1
            if outcome not in ('read', 'AnnotationError'):
                faults.append(f'{outcome}: {reader}, seed {seed}, case {case}: {details}')
    child.close()
    return counts, faults


def is_fault(line: str) -> bool:
    """Whether it counts: crashes inside of HDF5 are listed apart, as no reader of ours can prevent them."""
    return not line.startswith('crash: COFW HDF5')


def main() -> int:
    """Print the table and what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cases', type=int, default=20_000, help='damaged files in all')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--reader', choices=list(READERS), nargs='+', default=list(READERS))
    args = parser.parse_args()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        sets = Path(folder, 'sets')
        write_sets(sets)
        counts, faults = fuzz(sets, -(-args.cases // len(args.reader)), args.seed, args.reader)
    everything = counts | {'all': sum(counts.values(), Counter())}
    rows = ([reader, *(str(count[column]) for column in COLUMNS)] for reader, count in everything.items())
    print(markdown_table(['reader', *COLUMNS], rows, 'lr'))
    print(f'{time.perf_counter() - begin:.0f} s')
    print('\n'.join(faults))
    return int(any(map(is_fault, faults)))


if __name__ == '__main__':
    sys.exit(main())
