_base_ = 'compared_cofw.py'
title = 'Networks with SepBN and CNT on WFLW (paper Tables IX, XI)'
base = '../bn_vanilla_wflw.py'
rows = _base_.shared.wflw
