_base_ = [
    '../_base_/models/bn_vanilla_small.py',
    '../_base_/datasets/cnt.py',
    '../_base_/schedules/small.py',
    '../_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
split = dict(datasets=dict(aflw=dict(num_train=950)))  # of the synthetic AFLW
train_dataloader = dict(batch_size=16, num_workers=0, persistent_workers=False, dataset=split)
val_dataloader = dict(dataset=split)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=6)
temperature = dict(epochs=4)
custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')]  # quicker on CPUs
