_base_ = 'compared_cofw.py'
title = 'Networks with SepBN and CNT on AFLW (paper Tables VIII, XI)'
base = '../bn_vanilla_aflw.py'
rows = _base_.shared.aflw
