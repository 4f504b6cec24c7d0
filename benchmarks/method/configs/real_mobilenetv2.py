_base_ = ['mobilenetv2.py', 'real_faces.py']

model = dict(head=dict(protocols=_base_.sets))
