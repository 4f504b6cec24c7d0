_base_ = [
    '_base_/models/sepbn_mobilenetv2.py',
    '_base_/datasets/aflw.py',
    '_base_/schedules/paper_500e.py',
    '_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
