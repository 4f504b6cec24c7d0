# Real faces with 68 landmarks, 2483 for training; a config adds the network.
_base_ = ['../../../configs/_base_/datasets/300w.py', 'schedule.py', '../../../configs/_base_/default_runtime.py']

train_dataloader = dict(batch_size=16, dataset=dict(data_root='data/method/real/whole/300W'))
val_dataloader = dict(dataset=dict(data_root='data/method/real/validation/300W'))
test_dataloader = dict(dataset=dict(data_root='data/method/real/test/300W'))
train_cfg = dict(max_epochs=15 * _base_.longer)
temperature = dict(epochs=2 * _base_.longer)
