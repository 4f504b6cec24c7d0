# 300W with its official detector boxes: the 2,012 training faces at hand and the 554 of the common test set. Tables of
# choices train on `train` in place of `whole`, 1,786 faces, and measure on the other 226.
_base_ = ['../../../configs/_base_/datasets/300w.py', '../../../configs/_base_/default_runtime.py']

root = 'data/method/300w'
train_dataloader = dict(batch_size=16, num_workers=1, dataset=dict(data_root=f'{root}/whole/300W'))
val_dataloader = dict(num_workers=1, dataset=dict(data_root=f'{root}/validation/300W', split='train'))
test_dataloader = dict(num_workers=1, dataset=dict(data_root=f'{root}/test/300W', subsets=('common',)))
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, begin=0, end=2, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=1e-6, begin=2, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(by_epoch=True, max_epochs=30, val_interval=1000)
temperature = dict(epochs=6)
