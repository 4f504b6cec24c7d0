# LFW's faces with 5 landmarks, 2,677 training faces.
_base_ = 'faces_cross_protocol.py'

model = dict(head=dict(protocols=['wider_face']))
faces = {**_base_.wider_face_train, 'data_root': 'data/method/lfw/train/WIDER_FACE'}
train_dataloader = dict(dataset=dict(_delete_=True, **faces))
