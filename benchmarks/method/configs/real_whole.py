_base_ = ['vanilla.py', 'real_faces.py']

model = dict(head=dict(protocols=_base_.sets))
