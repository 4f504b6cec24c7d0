"""What the paper claims and what this project aims at, as comparisons of rows; lower NME is better."""

from page import Claim

CLAIMS = (
    Claim('SepBN is better than BN', 'real_whole', 'SepBN', 'BN', target=-8),
    Claim('SepBN is better than BN that starts as it does', 'real_whole', 'SepBN', 'BN, control', target=-4),
    Claim("The paper's plain SepBN is better than BN", 'real_whole', 'SepBN, plain recipe', 'BN'),
    Claim(
        'CNT with fine-tuning is better than training from scratch for as many epochs on the set',
        'real_small',
        'BN, CNT + fine-tuning',
        'BN, as many epochs',
        target=-15,
    ),
    Claim(
        'CNT with fine-tuning is better than training from scratch for as many steps',
        'real_small',
        'BN, CNT + fine-tuning',
        'BN, as many steps',
    ),
    Claim('SepBN adds to CNT', 'real_small', 'SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    Claim('Soft aggregation is better than hard', 'real_aggregation', 'soft', 'hard'),
    Claim('Annealing is better than the fixed T = 1', 'real_temperature', 'annealing', 'T = 1'),
    Claim('Annealing is better than the fixed T = 30', 'real_temperature', 'annealing', 'T = 30'),
)
