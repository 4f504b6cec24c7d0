_base_ = 'loaders.py'

sets = ['wflw']
train_dataloader = dict(dataset=_base_.wflw_train)
val_dataloader = dict(dataset=_base_.wflw_test)
test_dataloader = val_dataloader
