# Stage 2: fine-tunes stage 1, see load_from.
_base_ = [
    '../_base_/models/bn_vanilla_small.py',
    '../_base_/datasets/cofw.py',
    '../_base_/schedules/fine_tune_small.py',
    '../_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
load_from = 'demo_output/demo/cnt_bn_vanilla/epoch_6.pth'
train_dataloader = dict(batch_size=16, num_workers=0, persistent_workers=False)
train_cfg = dict(max_epochs=54)
custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')]  # quicker on CPUs
