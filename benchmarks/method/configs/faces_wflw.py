# WFLW's 98 landmarks, 200 training faces.
_base_ = 'faces_cross_protocol.py'

model = dict(head=dict(protocols=['wflw']))
faces = {**_base_.wflw_train, 'data_root': 'data/method/wflw/train/WFLW'}
train_dataloader = dict(dataset=dict(_delete_=True, **faces))
