# The rows of configs/ablations/pooling.py on real faces.
_base_ = ['../../../configs/ablations/pooling.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {'S = 4': _base_.shared.whole.sepbn}
comparisons = [('S = 4', name) for name in _base_.rows if name != 'S = 4']
