_base_ = '../configs/norms.py'
title = '300W, common test set, the strong recipe, MobileNetV2'
base = '../configs/faces300w_strong.py'
bn = {'model.backbone.norm_cfg': dict(_delete_=True, type='BN')}
large = '../configs/faces300w_strong_256.py'
rows = {
    'BN, 128 px': bn,
    'SepBN, 128 px': {},
    'BN, 256 px': [dict(config=large, options=bn)],
    'SepBN, 256 px': [dict(config=large)],
}
comparisons = [('SepBN, 128 px', 'BN, 128 px'), ('SepBN, 256 px', 'BN, 256 px')]
del bn, large
