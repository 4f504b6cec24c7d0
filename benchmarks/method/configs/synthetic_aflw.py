# Synthetic AFLW, 2000 training faces.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/aflw.py',
    'schedule.py',
    '../../../configs/_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
train_dataloader = dict(batch_size=16, dataset=dict(data_root='data/method/synthetic/train/AFLW', num_train=2000))
val_dataloader = dict(dataset=dict(data_root='data/method/synthetic/validation/AFLW', num_train=0))
test_dataloader = dict(dataset=dict(data_root='data/method/synthetic/test/AFLW', num_train=0))
train_cfg = dict(max_epochs=24 * _base_.longer)
temperature = dict(epochs=3 * _base_.longer)
