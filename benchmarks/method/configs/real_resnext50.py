_base_ = ['resnext50.py', 'real_faces.py']

model = dict(head=dict(protocols=_base_.sets))
