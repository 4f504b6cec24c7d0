"""The paper's config on real faces in WFLW's official layout."""

import json

import pytest
from helpers import REAL_FACES, ROOT, needs_real_faces


@needs_real_faces
@pytest.mark.slow
def test_sepbn_vanilla_learns_the_real_faces_by_heart(run_tool, tmp_path):
    """Four faces of two images, no augmentation, 90 steps: NME below 2 %."""
    config, root = ROOT / 'configs' / 'sepbn_vanilla_wflw.py', str(REAL_FACES / 'official' / 'WFLW')
    options = {
        'train_cfg': dict(max_epochs=90, val_interval=90),
        'default_hooks.checkpoint': dict(interval=90, save_best=None),
        'train_dataloader': dict(batch_size=4),
        'train_dataloader.dataset.pipeline.1': dict(prob=0, flip_prob=0),
        'optim_wrapper.optimizer': dict(lr=0.02),
        'param_scheduler.0': dict(end=10),
        'param_scheduler.1': dict(begin=10, end=90, T_max=80),
    }
    overrides = [f'{key}.{name}={value}' for key, values in options.items() for name, value in values.items()]
    run_tool('tools/train.py', config, '--work-dir', 'run', '--cfg-options', *overrides, WFLW_ROOT=root)
    run_tool(
        'tools/test.py', config, 'run/epoch_90.pth', '--work-dir', 'run/test', '--out', 'rows.json', WFLW_ROOT=root
    )
    rows = json.loads((tmp_path / 'rows.json').read_text())
    assert rows['wflw/NME'] < 2
    assert rows['wflw/FR_0.10'] == 0
