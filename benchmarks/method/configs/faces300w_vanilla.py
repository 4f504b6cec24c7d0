_base_ = ['vanilla.py', 'faces300w.py']

model = dict(head=dict(protocols=_base_.sets))
train_cfg = dict(max_epochs=60)
