"""The paper's claims as comparisons of rows; all other comparisons stand beside their tables."""

from benchmarks.method.page import Claim

_SYNTHETIC = ('synthetic_cofw', 'synthetic_aflw', 'synthetic_wflw')
_CNT = 'BN, CNT + fine-tuning'


def _sepbn(faces: str, *tables: str) -> Claim:
    return Claim('SepBN is better than BN', faces, tables, 'SepBN', 'BN', 'BN, control')


def _cnt(faces: str, table: str) -> Claim:
    return Claim('CNT is better than training alone for as many epochs', faces, (table,), _CNT, 'BN, as many epochs')


def _sepbn_with_cnt(faces: str, *tables: str) -> Claim:
    text = 'With CNT, SepBN is better than BN'
    return Claim(text, faces, tables, 'SepBN, CNT + fine-tuning', _CNT, 'BN, control, CNT + fine-tuning')


def _ablation(text: str, table: str, row: str, reference: str) -> Claim:
    return Claim(text, 'real faces', (f'real_{table}',), row, reference)


CLAIMS = (
    _sepbn('real faces and the three synthetic sets, mean', 'real_whole', *_SYNTHETIC),
    _sepbn('real faces', 'real_whole'),
    _sepbn('300W, Vanilla CNN', 'faces300w_vanilla'),
    _sepbn('300W, MobileNetV2 pretrained', 'faces300w_mobilenetv2'),
    _sepbn('real faces, ResNeXt-50 from scratch', 'real_resnext50'),
    Claim(
        'Brute-force SepBN with its oracle is better than BN',
        'synthetic AFLW',
        ('synthetic_brute_force',),
        'brute-force SepBN',
        'BN',
    ),
    _cnt('small real set', 'real_small_halves'),
    _cnt('synthetic COFW', 'synthetic_cofw'),
    _cnt('synthetic WFLW', 'synthetic_wflw'),
    _cnt('synthetic AFLW', 'synthetic_aflw'),
    _cnt('300W, MobileNetV2 pretrained', 'faces300w_cnt'),
    _cnt('WFLW, 200 faces, MobileNetV2 pretrained', 'faces_few_shots'),
    _sepbn_with_cnt('small real set', 'real_small_halves'),
    _sepbn_with_cnt('300W, MobileNetV2 pretrained', 'faces300w_cnt'),
    _sepbn_with_cnt('small real set (short stage 1) and the three synthetic sets, mean', 'real_small', *_SYNTHETIC),
    _ablation('Soft aggregation is better than hard (Table III)', 'aggregation', 'soft', 'hard'),
    _ablation('BN is better than hard aggregation (Table III)', 'aggregation', 'BN', 'hard'),
    _ablation(
        'Annealing is better than a fixed temperature, here T = 1 (Table IV)', 'temperature', 'annealing', 'T = 1'
    ),
    _ablation('Three routes are better than another number, here one (Table IV)', 'routes', 'K = 3', 'K = 1'),
    _ablation('All six layers are better than the first two (Table VI)', 'resolution', 'all', '128 64'),
    _ablation('All six layers are better than the last two (Table VI)', 'resolution', 'all', '8 4'),
)
