"""What the paper claims and what this project aims at, as comparisons of rows; lower NME is better."""

from page import Claim

CLAIMS = (
    Claim('SepBN is better than BN', 'real_whole', 'SepBN', 'BN', target=-8),
    Claim('SepBN is better than BN that starts and decays as it does', 'real_whole', 'SepBN', 'BN, control', target=-4),
    Claim(
        'CNT and fine-tuning are better than training from scratch for as many steps',
        'real_small',
        'BN, CNT + fine-tuning',
        'BN, as many steps',
        target=-15,
    ),
    Claim(
        'CNT and fine-tuning are better than training from scratch for as many epochs on the set',
        'real_small',
        'BN, CNT + fine-tuning',
        'BN, as many epochs',
    ),
    Claim('SepBN adds to CNT', 'real_small', 'SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    Claim('soft aggregation is better than hard', 'real_choices', 'SepBN', 'hard aggregation'),
)
