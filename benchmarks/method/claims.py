"""What the paper claims and what this project aims at, as comparisons of rows; lower NME is better."""

from page import Claim

_SETS = dict(synthetic_cofw='COFW', synthetic_aflw='AFLW', synthetic_wflw='WFLW')
_FOUR_SETS = ('real_whole', *_SETS)
_NORMS = {'BN': 'BN', 'BN that starts as it does': 'BN, control'}
_PLACES = dict(
    real_whole='on real faces',
    **{table: f'on synthetic {name}' for table, name in _SETS.items()},
    real_longer='in longer training',
    real_mobilenetv2='in MobileNetV2',
    real_resnext50='in ResNeXt-50',
)
_TARGETS = {('real_whole', 'BN'): -8, ('real_whole', 'BN, control'): -4}
# Of how many of its epochs CNT spends on all sets; the paper: half.
_SMALL = dict(
    real_small_halves='',
    real_small=" (a sixth of CNT's epochs on all sets)",
    real_small_longer=' (the same, three times as long)',
)

CLAIMS = (
    *(
        Claim(f'SepBN is better than {what}, mean of the four sets below', _FOUR_SETS, 'SepBN', reference)
        for what, reference in _NORMS.items()
    ),
    *(
        Claim(f'SepBN is better than {what} {where}', (table,), 'SepBN', reference, _TARGETS.get((table, reference)))
        for table, where in _PLACES.items()
        for what, reference in _NORMS.items()
    ),
    Claim('Brute-force SepBN with its oracle is better than BN', ('synthetic_brute_force',), 'brute-force SepBN', 'BN'),
    *(
        Claim(
            f'CNT is better than training from scratch for as many {unit} on the small real set{where}',
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
            f'CNT is better than training from scratch for as many {unit} on synthetic {name}',
            (table,),
            'BN, CNT + fine-tuning',
            reference,
        )
        for table, name in _SETS.items()
        for unit, reference in (('epochs', 'BN, as many epochs'), ('steps', 'BN'))
    ),
    Claim(
        "SepBN adds to CNT, mean of the real faces (a sixth of CNT's epochs on all sets) and the three synthetic sets",
        ('real_small', *_SETS),
        'SepBN, CNT + fine-tuning',
        'BN, CNT + fine-tuning',
    ),
    *(
        Claim(f'SepBN adds to CNT on real faces{where}', (table,), 'SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning')
        for table, where in _SMALL.items()
        if table != 'real_small_longer'
    ),
    *(
        Claim(f'SepBN adds to CNT on synthetic {name}', (table,), 'SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning')
        for table, name in _SETS.items()
    ),
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
