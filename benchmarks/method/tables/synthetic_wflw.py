# 8 epochs of stage 1 and 19 of fine-tuning.
_base_ = '../configs/rows_with_cnt.py'
title = 'Synthetic WFLW, 750 training faces, alone and after the five sets'
base = '../configs/synthetic_wflw.py'
configs = dict(
    as_many_epochs=dict(options={'train_cfg.max_epochs': 27 * _base_.shared.longer}),
    stage_1=dict(table='synthetic_cnt', config='../configs/synthetic_cnt.py'),
    stage_2=dict(options={**_base_.shared.fine_tune, 'train_cfg.max_epochs': 19 * _base_.shared.longer}),
)
