# The paper's rows on real faces.
_base_ = ['../../../configs/ablations/aggregation.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {
    'BN': _base_.shared.whole.bn,
    'soft': _base_.shared.whole.sepbn,
    'BN, control': _base_.shared.whole.control,
}
comparisons = [('soft', 'hard'), ('soft', 'BN'), ('soft', 'BN, control'), ('hard', 'BN'), ('hard', 'BN, control')]
