# All rows share stage 1.
title = 'Learning rate of the backbone in fine-tuning, on the validation people'
base = '../configs/real_fine_tune.py'
part = 'val'
rows = {
    f'{rate} times': [
        dict(config='../configs/real_cnt.py'),
        dict(options={'optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult': rate}),
    ]
    for rate in (0.01, 0.1, 0.3, 1.0)
}
