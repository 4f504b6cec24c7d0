# Stage 2: fine-tunes stage 1, see load_from.
_base_ = [
    '../_base_/models/bn_vanilla_small.py',
    '../_base_/datasets/300w.py',
    '../_base_/schedules/fine_tune_small.py',
    '../_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
load_from = 'demo_output/real/cnt_bn_vanilla/epoch_20.pth'
train_dataloader = dict(batch_size=16)
train_cfg = dict(max_epochs=40)
