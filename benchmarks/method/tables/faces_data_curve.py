# For each number of faces, alone as many steps as stage 1 (15 epochs) and stage 2 have together.
_base_ = '../configs/faces_rows.py'
title = '300W, common test set, MobileNetV2, of 50 to 2012 training faces'
base = '../configs/faces300w_mobilenetv2.py'
rows = {}
for faces, alone, fine_tuning in ((50, 746, 60), (200, 283, 60), (800, 99, 30)):
    root = f'data/method/300w/{faces}/300W'
    rows[f'{faces} faces, alone'] = {
        'train_dataloader.dataset.data_root': root,
        'train_cfg.max_epochs': alone,
        'temperature.epochs': alone // 5,
    }
    rows[f'{faces} faces, CNT + fine-tuning'] = [
        dict(
            config='../configs/faces_cnt.py',
            options={'train_dataloader.dataset.datasets.300w.data_root': root},
        ),
        dict(
            options={
                **_base_.shared.fine_tune_set,
                'train_dataloader.dataset.data_root': root,
                'train_cfg.max_epochs': fine_tuning,
            }
        ),
    ]
del faces, alone, fine_tuning, root
rows['2012 faces, alone'] = _base_.shared.alone
rows['2012 faces, CNT + fine-tuning'] = _base_.shared.cnt_faces.bn
comparisons = [(f'{faces} faces, CNT + fine-tuning', f'{faces} faces, alone') for faces in (50, 200, 800, 2012)]
