# Real faces with 68 landmarks, 2483 for training.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/300w.py',
    '../../../configs/_base_/schedules/small.py',
    '../../../configs/_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
train_dataloader = dict(batch_size=16, dataset=dict(data_root='data/method/real/whole/300W'))
val_dataloader = dict(dataset=dict(data_root='data/method/real/validation/300W'))
test_dataloader = dict(dataset=dict(data_root='data/method/real/test/300W'))
train_cfg = dict(max_epochs=15 * _base_.longer)
custom_hooks = [dict(type='mmsepbn.TemperatureAnnealingHook', start=30.0, end=1.0, epochs=2 * _base_.longer)]
