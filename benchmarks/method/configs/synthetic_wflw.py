# Synthetic WFLW, 750 training faces.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/wflw.py',
    'schedule.py',
    '../../../configs/_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
train_dataloader = dict(batch_size=16, dataset=dict(data_root='data/method/synthetic/train/WFLW'))
val_dataloader = dict(dataset=dict(data_root='data/method/synthetic/validation/WFLW'))
test_dataloader = dict(dataset=dict(data_root='data/method/synthetic/test/WFLW'))
train_cfg = dict(max_epochs=63 * _base_.longer)
temperature = dict(epochs=8 * _base_.longer)
