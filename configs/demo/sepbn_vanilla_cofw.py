# From scratch: as many epochs on COFW as stage 1 and stage 2 of CNT together.
_base_ = [
    '../_base_/models/sepbn_vanilla_small.py',
    '../_base_/datasets/cofw.py',
    '../_base_/schedules/small.py',
    '../_base_/default_runtime.py',
]
model = dict(head=dict(num_landmarks=29))
train_dataloader = dict(batch_size=16)
train_cfg = dict(max_epochs=46)
