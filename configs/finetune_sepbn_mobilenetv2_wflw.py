# Starts from the bundled network.
_base_ = [
    '_base_/models/sepbn_mobilenetv2_reduced.py',
    '_base_/datasets/strong_wflw.py',
    '_base_/schedules/fine_tune_strong.py',
    '_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
load_from = 'five_protocols'
