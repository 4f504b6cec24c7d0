import json

import pytest

from benchmarks.speed.page import (
    PAGE,
    RESULTS,
    freed_table,
    goal_table,
    layer_table,
    network_table,
    render_page,
    verdict,
)

MACHINE = dict(device='cpu', cpu='2 x CPU', threads=2, versions=dict(torch='2.11'), commit='0123456789', dirty=False)


def row(part, sepbn, training=True, **key):
    times = {'BN': 2.0, 'SepBN': 2 * sepbn, 'K BatchNorms': 10.0}
    return dict(
        part=part,
        training=training,
        **dict(setting='eager, fp32, NCHW') | key,
        milliseconds=times,
        ratios={name: value / 2 for name, value in times.items()},
        memory={'BN': 100, 'SepBN': 103, 'K BatchNorms': 500},
    )


ROWS = [
    row('layer', 1.5, shape=[8, 64, 128, 128]),
    row('layer', 1.75, shape=[8, 256, 32, 32]),
    row('layer', 2.5, shape=[8, 512, 8, 8]),
    row('layer', 9.0, shape=[8, 256, 32, 32], setting='compile, fp32, NCHW'),
    row('network', 1.07, network='Vanilla CNN', batch=8),
    row('network', 1.02, training=False, network='MobileNetV2', batch=8),
]


def cells(table):
    lines = [line for line in table.splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines[2:]]


def test_the_page_is_what_the_figures_say():
    assert PAGE.read_text() == render_page(RESULTS)


def test_tables_have_a_row_for_each_that_was_measured():
    assert cells(layer_table(ROWS))[0] == ['8x64x128x128', 'training', '2.00', '1.50x', '5.00x', '1.03x', '5.00x']
    assert [line[1] for line in cells(layer_table(ROWS))] == [*['training'] * 3, 'training, compile, fp32, NCHW']
    assert cells(network_table(ROWS))[1] == ['MobileNetV2, batch 8', 'inference', '2.00', '1.02x', '5.00x', '', '']


def test_freed_memory_has_both_times():
    kept = dict(milliseconds={'returned': 400.0, 'kept': 290.04}, ratios={'returned': 1.0, 'kept': 0.725})
    rows = [*ROWS, dict(part='freed memory', network='MobileNetV2', batch=16, training=True, **kept)]
    assert cells(freed_table(rows)) == [['MobileNetV2, batch 16', 'training', '400.0', '290.0', '0.72x']]


def test_aims_are_held_against_the_largest_ratio():
    found = {line[0]: line[1:] for line in cells(goal_table(ROWS))}
    assert found['layer, training, maps of 32 x 32 and larger'] == ['8x256x32x32', '2.00x', '1.75x', 'met']
    assert found['layer, training, smaller maps'] == ['8x512x8x8', '2.25x', '2.50x', 'missed by 11%']
    assert found['network, a step of training'] == ['Vanilla CNN', '1.06x', '1.07x', 'missed by 1%']
    assert found['network, inference'] == ['MobileNetV2', '1.08x', '1.02x', 'met']
    assert found['layer, training, against K BatchNorms'] == ['8x512x8x8', '0.40x', '0.50x', 'missed by 25%']
    assert found['layer, memory, against K BatchNorms'][2:] == ['0.21x', 'met']
    assert 'layer, inference, maps of 32 x 32 and larger' not in found


def test_each_missed_aim_says_why():
    said = [line for line in goal_table(ROWS).splitlines() if line.startswith('- ')]
    assert [line.split(':')[0] for line in said] == [
        '- *layer, training, smaller maps*, 8x512x8x8',
        '- *network, a step of training*, Vanilla CNN',
        '- *layer, training, against K BatchNorms*, 8x512x8x8',
    ]
    assert 'Why' not in goal_table([row('layer', 1.5, shape=[8, 64, 128, 128], training=False)])


def test_an_aim_is_met_where_all_rows_reach_it():
    loader = dict(rows=[dict(times_mmpose=dict(a=2.9, b=3.0)), dict(times_mmpose=dict(a=4.0, b=5.0))])
    assert (verdict(loader, 'a', 3), verdict(loader, 'b', 3)) == ('missed', 'met')


def test_without_figures_it_says_so(tmp_path):
    page = render_page(tmp_path)
    assert page.count('Not measured yet') == 2
    assert 'Not measured on a GPU' in page


@pytest.fixture
def gpu(tmp_path):
    (tmp_path / 'gpu').mkdir()
    about = dict(MACHINE, device='A GPU')
    parts = dict(layers=dict(state='done', seconds=12.3), training=dict(state='failed', seconds=1.0))
    contents = dict(
        summary=dict(machine=about, parts=parts),
        layers=dict(rows=[dict(ROWS[0], setting='compile, bf16, channels_last'), dict(part='layer', error='no')]),
        loading=dict(rows=[dict(workers=None, cache=False, faces_per_second=1234.4)]),
    )
    for name, content in contents.items():
        (tmp_path / 'gpu' / f'{name}.json').write_text(json.dumps(content))
    return tmp_path


def test_what_was_measured_on_a_gpu_names_it(gpu):
    page = render_page(gpu)
    assert 'A GPU, 2 x CPU, 2 threads; torch 2.11, commit 01234567' in page
    assert '- training: failed after 1 s' in page
    assert '| 8x64x128x128 | training, compile, bf16, channels_last | 2.00 | 1.50x |' in page
    assert '| no loading, network only | no | 1234 |' in page
    assert 'Not measured on a GPU' not in page
