_base_ = 'loaders.py'

sets = ['300w']
train_dataloader = dict(dataset=_base_.face300w_train)
val_dataloader = dict(dataset=_base_.face300w_test)
test_dataloader = val_dataloader
