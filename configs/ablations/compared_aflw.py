_base_ = 'compared_cofw.py'
title = 'Networks with SepBN and CNT on AFLW (paper Tables VIII, XI)'
base = '../bn_vanilla_aflw.py'
rows = {
    row: [{key: text.replace('_cofw', '_aflw') for key, text in step.items()} for step in steps]
    for row, steps in _base_.rows.items()
}
