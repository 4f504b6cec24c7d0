# Real faces, the 370 that the small set has with 68 landmarks, alone. As many steps as CNT's two stages.
_base_ = 'real_whole.py'

train_dataloader = dict(dataset=dict(data_root='data/method/real/small/300W'))
train_cfg = dict(max_epochs=110 * _base_.longer)
temperature = dict(epochs=12 * _base_.longer)
