_base_ = 'loaders.py'

sets = ['cofw']
train_dataloader = dict(dataset=_base_.cofw_train)
val_dataloader = dict(dataset=_base_.cofw_test)
test_dataloader = val_dataloader
