# Stage 2: fine-tunes stage 1, see load_from.
_base_ = [
    '_base_/models/sepbn_mobilenetv2.py',
    '_base_/datasets/300w.py',
    '_base_/schedules/fine_tune_500e.py',
    '_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
load_from = 'work_dirs/cnt_sepbn_mobilenetv2/epoch_500.pth'
