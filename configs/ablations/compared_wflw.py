_base_ = 'compared_cofw.py'
title = 'Networks with SepBN and CNT on WFLW (paper Tables IX, XI)'
base = '../bn_vanilla_wflw.py'
rows = {
    row: [{key: text.replace('_cofw', '_wflw') for key, text in step.items()} for step in steps]
    for row, steps in _base_.rows.items()
}
