_base_ = 'loaders.py'

sets = ['aflw']
train_dataloader = dict(dataset=_base_.aflw_train)
val_dataloader = dict(dataset=_base_.aflw_test)
test_dataloader = val_dataloader
