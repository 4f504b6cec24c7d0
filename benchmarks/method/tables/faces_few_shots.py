# 15 epochs of stage 1 and 60 of fine-tuning: 15 x 306 + 60 x 13 steps.
_base_ = '../configs/faces_rows.py'
title = 'WFLW, 57 test faces, MobileNetV2, 200 training faces'
base = '../configs/faces_wflw.py'
rows = {
    'BN, as many epochs': {'train_cfg.max_epochs': 75, 'temperature.epochs': 15},
    'BN, as many steps': {'train_cfg.max_epochs': 413, 'temperature.epochs': 82},
    'BN, CNT + fine-tuning': [
        _base_.shared.stage_1.bn,
        dict(options={**_base_.shared.fine_tune_set, 'train_cfg.max_epochs': 60}),
    ],
}
comparisons = [
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN, as many steps'),
]
