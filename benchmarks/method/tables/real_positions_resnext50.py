# The paper's rows on real faces.
_base_ = ['../../../configs/ablations/position_resnext50.py', '../configs/norms.py']
title = '@ on real faces'.replace('@', _base_.title)
base = '../configs/real_resnext50.py'
options = {**_base_.shared.sepbn, **_base_.shared.last_norms_from_one}
rows = {
    'none': [dict(table='real_resnext50', row='BN', options=_base_.rows.none)],
    '3': [dict(table='real_resnext50', row='SepBN', options=_base_.rows['3'][0].options)],
    'none, control of 3': [
        dict(
            table='real_resnext50',
            row='BN, control',
            options={**_base_.shared.control_resnext50, **_base_.shared.last_norms_from_one},
        )
    ],
}
comparisons = [*((name, 'none') for name in _base_.rows if name != 'none'), ('3', 'none, control of 3')]
