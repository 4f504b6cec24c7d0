# The rows of configs/ablations/routes.py on real faces.
_base_ = ['../../../configs/ablations/routes.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {'K = 3': _base_.shared.whole.sepbn}
comparisons = [('K = 3', name) for name in _base_.rows if name != 'K = 3']
