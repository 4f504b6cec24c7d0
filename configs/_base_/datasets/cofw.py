_base_ = 'loaders.py'

train_dataloader = dict(dataset=_base_.cofw_train)
val_dataloader = dict(dataset=_base_.cofw_test)
test_dataloader = val_dataloader
