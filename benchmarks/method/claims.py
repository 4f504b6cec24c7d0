"""What the paper claims and what this project aims at, as comparisons of rows; lower NME is better."""

from page import Claim

_SYNTHETIC = dict(
    synthetic_cofw='on synthetic COFW', synthetic_aflw='on synthetic AFLW', synthetic_wflw='on synthetic WFLW'
)
# Tables of which the page gives the mean change.
POOLS = {'four sets': ('real_whole', *_SYNTHETIC), 'four sets with CNT': ('real_small', *_SYNTHETIC)}
_PLACES = dict(
    real_whole='on real faces',
    **_SYNTHETIC,
    real_longer='in longer training',
    real_mobilenetv2='in MobileNetV2',
    real_resnext50='in ResNeXt-50',
)
_A_SIXTH = "the small real set (a sixth of CNT's epochs on all sets)"
# Half of CNT's epochs are on all sets, as in the paper, unless said otherwise.
_SMALL = dict(
    real_small_halves='on the small real set',
    real_small=f'on {_A_SIXTH}',
    real_small_longer='on the small real set (the same, three times as long)',
)


def _sepbn(where: str, *tables: str, with_cnt: bool = False) -> list[Claim]:
    """SepBN against BN and against its control, without CNT or all after it."""
    begin, steps = ('With CNT, ', ', CNT + fine-tuning') if with_cnt else ('', '')
    return [
        Claim(
            f'{begin}SepBN is better than {what} {where}',
            tables,
            f'SepBN{steps}',
            f'{norm}{steps}',
            target if tables == ('real_whole',) else None,
        )
        for what, norm, target in (('BN', 'BN', -8), ('BN that starts as it does', 'BN, control', -4))
    ]


CLAIMS = (
    *_sepbn('in the mean of the four sets below', *POOLS['four sets']),
    *(claim for table, where in _PLACES.items() for claim in _sepbn(where, table)),
    Claim('Brute-force SepBN with its oracle is better than BN', ('synthetic_brute_force',), 'brute-force SepBN', 'BN'),
    *(
        Claim(
            f'CNT is better than training from scratch for as many {unit} {where}',
            (table,),
            'BN, CNT + fine-tuning',
            f'BN, as many {unit}',
            target=target,
        )
        for table, where in _SMALL.items()
        for unit, target in (('epochs', -15), ('steps', None))
    ),
    *(
        Claim(
            f'CNT is better than training from scratch for as many {unit} {where}',
            (table,),
            'BN, CNT + fine-tuning',
            reference,
        )
        for table, where in _SYNTHETIC.items()
        for unit, reference in (('epochs', 'BN, as many epochs'), ('steps', 'BN'))
    ),
    *_sepbn(f'in the mean of {_A_SIXTH} and the three synthetic sets', *POOLS['four sets with CNT'], with_cnt=True),
    *(claim for table, where in (_SMALL | _SYNTHETIC).items() for claim in _sepbn(where, table, with_cnt=True)),
    Claim('Soft aggregation is better than hard', ('real_aggregation',), 'soft', 'hard'),
    Claim('BN is better than hard aggregation', ('real_aggregation',), 'BN', 'hard'),
    *(
        Claim(f'Annealing is better than the fixed T = {t}', ('real_temperature',), 'annealing', f'T = {t}')
        for t in (1, 5, 10, 20, 30)
    ),
    *(Claim(f'Three routes are better than {k}', ('real_routes',), 'K = 3', f'K = {k}') for k in (1, 2, 4, 5)),
    Claim('Four groups of channels are better than one', ('real_groups',), 'G = 4', 'G = 1'),
    *(
        Claim(f'Pooling to 4 x 4 is better than to {s} x {s}', ('real_pooling',), 'S = 4', f'S = {s}')
        for s in (1, 2, 8)
    ),
    *(
        Claim(f'SepBN in all layers is better than in those at {rows} pixels', ('real_resolution',), 'all', rows)
        for rows in ('128 64', '128 64 32 16', '8 4', '32 16 8 4')
    ),
)
