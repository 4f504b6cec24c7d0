# 15 epochs of stage 1 and 15 of fine-tuning; 10 of stage 1 with YouTube Faces are as many steps.
_base_ = '../configs/faces_rows.py'
title = '300W, common test set, MobileNetV2, helped by 2,677 faces with 5 landmarks and 200 with 98'
base = '../configs/faces300w_mobilenetv2.py'
rows = {
    'BN, as many epochs': [dict(table='faces300w_mobilenetv2', row='BN')],
    'BN, control, as many epochs': [
        dict(table='faces300w_mobilenetv2', row='BN, control', options=_base_.shared.control_mobilenetv2)
    ],
    'SepBN, as many epochs': [dict(table='faces300w_mobilenetv2', row='SepBN', options=_base_.shared.sepbn)],
    'BN, as many steps': _base_.shared.alone,
    'SepBN, as many steps': {**_base_.shared.sepbn, **_base_.shared.as_many_steps},
    'BN, CNT + fine-tuning': _base_.shared.cnt_faces.bn,
    'BN, control, CNT + fine-tuning': _base_.shared.cnt_faces.control,
    'SepBN, CNT + fine-tuning': _base_.shared.cnt_faces.sepbn,
    'BN, CNT with 2,483 frames of YouTube Faces + fine-tuning': [
        dict(
            config='../configs/faces_cnt.py',
            options={
                'train_dataloader.dataset.use': ['300w', 'wflw', 'wider_face', 'youtube'],
                'train_cfg.max_epochs': 10,
                'temperature.epochs': 2,
            },
        ),
        dict(config='../configs/faces_branches.py', options=_base_.shared.fine_tune_faces),
    ],
}
comparisons = [
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN, as many steps'),
    ('BN, CNT with 2,483 frames of YouTube Faces + fine-tuning', 'BN, CNT + fine-tuning'),
    ('SepBN, CNT + fine-tuning', 'SepBN, as many steps'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    ('SepBN, CNT + fine-tuning', 'BN, control, CNT + fine-tuning'),
]
