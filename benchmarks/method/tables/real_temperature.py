# The rows of configs/ablations/temperature.py on real faces; fixed temperatures are the layer's own.
_base_ = ['../../../configs/ablations/temperature.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {'annealing': _base_.shared.whole.sepbn}
comparisons = [('annealing', name) for name in _base_.rows if name != 'annealing']
