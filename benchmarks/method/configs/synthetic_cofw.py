# Synthetic COFW, 134 training faces, alone: as many steps as CNT's two stages.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/cofw.py',
    'schedule.py',
    '../../../configs/_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
train_dataloader = dict(batch_size=16, dataset=dict(data_root='data/method/synthetic/train/COFW'))
val_dataloader = dict(dataset=dict(data_root='data/method/synthetic/validation/COFW'))
test_dataloader = dict(dataset=dict(data_root='data/method/synthetic/test/COFW'))
train_cfg = dict(max_epochs=331 * _base_.longer)
temperature = dict(epochs=44 * _base_.longer)
