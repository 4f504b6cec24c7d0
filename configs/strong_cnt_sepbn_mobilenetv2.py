_base_ = [
    '_base_/models/sepbn_mobilenetv2_reduced.py',
    '_base_/datasets/strong_cnt.py',
    '_base_/schedules/strong.py',
    '_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
