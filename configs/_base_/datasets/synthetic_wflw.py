# Faces drawn by tools/make_synthetic_faces.py in WFLW's official layout.
_base_ = 'wflw.py'

data_root = 'data/synthetic/WFLW'
train_dataloader = dict(batch_size=16, dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
