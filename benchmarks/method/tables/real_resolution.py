# The paper's rows on real faces.
_base_ = ['../../../configs/ablations/resolution.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {
    'none': _base_.shared.whole.bn,
    'all': _base_.shared.whole.sepbn,
    'BN, control': _base_.shared.whole.control,
}
comparisons = [*(('all', name) for name in _base_.rows if name != 'all'), ('all', 'BN, control')]
