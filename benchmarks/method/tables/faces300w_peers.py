# The map flattened instead of pooled: the one change that MMPose's head takes without further ado.
title = "300W, common test set, MobileNetV2 from ImageNet weights, MMPose's recipe"
base = '../configs/faces300w_peers.py'
rows = {
    'MMPose, td-reg': {},
    'MMPose, td-reg, flattened map': {'model.neck': None, 'model.head.in_channels': 4 * 4 * 1280},
    'ours, BN': [dict(config='../configs/faces300w_mobilenetv2.py', table='faces300w_mobilenetv2', row='BN')],
}
comparisons = [('ours, BN', 'MMPose, td-reg'), ('ours, BN', 'MMPose, td-reg, flattened map')]
