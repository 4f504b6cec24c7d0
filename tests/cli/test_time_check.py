"""What `check_data.py --time` says; how long anything takes is not asserted."""

import pytest

from mmsepbn.cli.time_check import Speeds, limit_line

SPEEDS = Speeds(face=0.005, step=0.02, batch_size=8, workers=2, cores=4, device='cpu')  # 400 and 400 faces/s


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        (
            {},
            '2 workers on 4 cores load 400 faces/s, the network takes 400 faces/s on cpu, 8 at once: the network is',
        ),
        (
            dict(face=0.01),
            'load 200 faces/s, the network takes 400 faces/s on cpu, 8 at once: the loader is the limit;',
        ),
        (dict(face=0.01), 'the limit; more workers, a face cache'),
        (dict(face=0.01, cores=2), 'the limit; a face cache'),
        (dict(workers=8), '8 workers on 4 cores load 800 faces/s'),
        (dict(workers=1, cores=1), '1 worker on 1 core load 200'),
        (dict(workers=0, face=0.0025), '0 workers on 4 cores load 400 faces/s'),
        (dict(workers=0, face=0.0025), 'loading and training alternate, at 200 faces/s'),
        (
            dict(step=0.16, device='cuda'),
            'the network takes 50 faces/s on cuda, 8 at once: the network is the limit.',
        ),
    ],
)
def test_the_limit_is_the_slower_one(changes, said):
    assert said in limit_line(SPEEDS._replace(**changes))
