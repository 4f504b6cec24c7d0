# The paper's rows on real faces.
_base_ = ['../../../configs/ablations/resolution.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {'BN, control': _base_.shared.control}
