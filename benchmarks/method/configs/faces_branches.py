# A branch for each of the three sets, trained on 300W; as stage 2 of CNT, where all branches are tested.
_base_ = 'faces_cross_protocol.py'

model = dict(head=dict(protocols=['300w', 'wflw', 'wider_face']))
# Faces name their protocol, so that each goes through its own branch.
by_protocol = dict(pipeline=_base_.test.pipeline)
test_dataloader = dict(dataset=dict(datasets={'300w': by_protocol, 'wflw': by_protocol, 'wider_face': by_protocol}))
