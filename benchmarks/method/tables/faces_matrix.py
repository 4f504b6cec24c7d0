_base_ = '../configs/faces_rows.py'
title = 'Trained on rows, tested on columns'
base = '../configs/faces_lfw.py'
rows = {
    '300W': _base_.shared.alone,
    'WFLW, 200 faces': [
        dict(
            table='faces_few_shots',
            row='BN, as many steps',
            config='../configs/faces_wflw.py',
            options={'train_cfg.max_epochs': 413, 'temperature.epochs': 82},
        )
    ],
    'LFW, 5 landmarks': {},
    'all three': [_base_.shared.stage_1.bn],
    'all three, then 300W by fine-tuning': _base_.shared.cnt_faces.bn,
    'all three, then 300W by replay': _base_.shared.replay,
}
