"""tools/predict.py on drawn faces, and all that a user can get wrong."""

import json
import os
import runpy
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import ROOT
from mmengine.logging import MMLogger
from PIL import Image
from runtime_network import whole_network
from tiny_landmarker import write_network
from zoo_folder import add

from mmsepbn.apis import FaceLandmarker, NetworkInfo
from mmsepbn.apis.prediction_settings import store
from mmsepbn.cli.prediction import predict_images
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.outputs.result_files import FORMATS, ResultFiles
from mmsepbn.protocols import PROTOCOLS, WIDER_FACE
from mmsepbn.zoo import index


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    return tuple(map(str, write_network(tmp_path_factory.mktemp('tiny'))))


@pytest.fixture
def predict(tiny, tmp_path, synthetic_wflw, monkeypatch, capsys, request):
    """Run the tool in a folder with a.jpg, b.png and p/a.jpg; its exit status, what it printed and what of errors."""
    drawn = sorted((synthetic_wflw / 'WFLW_images').rglob('*.jpg'))
    (tmp_path / 'p').mkdir()
    for name, path in zip(('a.jpg', 'b.png', 'p/a.jpg'), drawn, strict=False):
        cv2.imwrite(str(tmp_path / name), cv2.imread(str(path)))
    monkeypatch.chdir(tmp_path)
    MMLogger.get_instance(request.node.name)  # others may have log files of earlier tests

    def run(*arguments, network=('--config', tiny[0], '--checkpoint', tiny[1]), faces='whole'):
        monkeypatch.setattr(sys, 'argv', ['predict.py', *arguments, *network, '--faces', faces])
        try:
            runpy.run_path(str(ROOT / 'tools' / 'predict.py'), run_name='__main__')
            status = 0
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def files(folder='predictions'):
    return {str(path.relative_to(folder)) for path in Path(folder).rglob('*') if path.is_file()}


def test_images_of_files_folders_and_patterns_are_drawn_and_written(predict, tiny):
    status, out, err = predict('a.jpg', 'p', '*.png', '--batch-size', '2')
    assert (status, err) == (0, '')
    assert out.splitlines() == ['a.jpg: 1 face', 'p/a.jpg: 1 face', 'b.png: 1 face', 'written: predictions']
    assert files() == {'a.jpg', 'a.json', 'b.jpg', 'b.json', 'p/a.jpg', 'p/a.json'}
    (expected,) = FaceLandmarker(*tiny, faces='whole')('p/a.jpg')
    content = json.loads(Path('predictions/p/a.json').read_text())
    assert content['faces'][0]['box'] == [0, 0, 128, 128]
    for name, points in expected.landmarks.items():
        np.testing.assert_allclose(content['faces'][0]['landmarks'][name], points, atol=0.002)


def test_each_format_and_protocol_is_written_once_it_is_asked_for(predict):
    status, *_ = predict('a.jpg', '--protocol', 'cofw,300w', '--save', 'csv,coco,pts,mmpose', '--out', 'out/here')
    assert status == 0
    assert files('out/here') == {
        *('coco.json', 'a_300w.pts', 'a_cofw.pts', 'landmarks_300w.csv', 'landmarks_cofw.csv'),
        *('mmpose_300w.json', 'mmpose_cofw.json'),
    }
    names = [category['name'] for category in json.loads(Path('out/here/coco.json').read_text())['categories']]
    assert names == ['face_300w', 'face_cofw']


def test_boxes_of_a_file_are_used_and_may_be_those_of_an_earlier_run(predict):
    Path('boxes.csv').write_text('image,x1,y1,x2,y2\na.jpg,10,20,110,120\na.jpg,30,30,60,60\nb.png,1,2,90,80\n')
    status, out, _ = predict('a.jpg', 'b.png', '--save', 'json,csv', '--protocol', 'cofw', faces='boxes.csv')
    assert (status, out.splitlines()[:2]) == (0, ['a.jpg: 2 faces', 'b.png: 1 face'])
    first = json.loads(Path('predictions/a.json').read_text())
    assert [face['box'] for face in first['faces']] == [[10, 20, 110, 120], [30, 30, 60, 60]]
    predict('a.jpg', '--save', 'json', '--protocol', 'cofw', '--out', 'again', faces='predictions/landmarks_cofw.csv')
    assert json.loads(Path('again/a.json').read_text()) == first


def test_a_photo_that_viewers_turn_is_predicted_on_as_they_show_it(predict):
    exif = Image.Exif()
    exif[0x112] = 6
    Image.open('a.jpg').crop((0, 0, 128, 100)).save('turned.jpg', exif=exif, quality=98)
    cv2.imwrite('shown.png', cv2.imread('turned.jpg'))
    status, *_ = predict('turned.jpg', 'shown.png')
    assert status == 0
    turned, shown = (json.loads(Path(f'predictions/{name}.json').read_text()) for name in ('turned', 'shown'))
    assert (turned['width'], turned['height']) == (100, 128)
    assert turned['faces'] == shown['faces']
    assert cv2.imread('predictions/turned.jpg').shape == (128, 100, 3)


def test_a_video_is_drawn_and_written(predict):
    frames = [np.roll(cv2.imread('a.jpg'), 2 * shift, axis=1) for shift in range(5)]
    video = cv2.VideoWriter('clip.avi', cv2.VideoWriter.fourcc(*'MJPG'), 10, (128, 128))
    for frame in frames:
        video.write(frame)
    video.release()
    status, out, _ = predict('clip.avi', '--save', 'draw,json,csv', '--smooth', '--detect-every', '2')
    assert (status, out.splitlines()) == (0, ['clip.avi: 5 frames, 5 with faces', 'written: predictions'])
    assert files() == {'clip.mp4', 'clip.json', 'clip.300w.csv', 'clip.wflw.csv', 'clip.cofw.csv'}
    content = json.loads(Path('predictions/clip.json').read_text())
    assert (content['width'], content['height'], len(content['frames'])) == (128, 128, 5)
    assert len({face['track'] for faces in content['frames'] for face in faces}) == 1
    rows = Path('predictions/clip.cofw.csv').read_text().splitlines()
    assert [row.split(',')[0] for row in rows] == ['frame', '0', '1', '2', '3', '4']
    assert cv2.VideoCapture('predictions/clip.mp4').get(cv2.CAP_PROP_FRAME_COUNT) == 5


def test_what_fails_is_named_and_counted_and_the_others_are_done(predict):
    Path('faceless.jpg').write_bytes(Path('a.jpg').read_bytes())
    Path('broken.jpg').write_bytes(Path('a.jpg').read_bytes()[:700])
    Path('boxes.csv').write_text('image,x1,y1,x2,y2\na.jpg,10,20,110,120\nb.png,500,2,590,80\n')
    status, out, err = predict(
        'broken.jpg', 'nowhere.jpg', '*.gif', 'faceless.jpg', 'b.png', 'a.jpg', faces='./boxes.csv'
    )
    assert status == 1
    assert out.splitlines() == ['a.jpg: 1 face', 'written: predictions']
    title, *problems = err.splitlines()
    assert title == '5 failed:'
    assert [problem.strip() for problem in problems] == [
        "There is no file 'nowhere.jpg'.",
        "No file matches '*.gif'.",
        'The image broken.jpg cannot be read.',
        'faceless.jpg: no face was found among the given boxes.',
        'b.png: The box [500.0, 2.0, 590.0, 80.0] of b.png lies outside the image of 128 x 128 pixels.',
    ]
    assert files() == {'a.jpg', 'a.json'}


def test_where_nothing_is_found_nothing_is_loaded_or_written(predict):
    status, out, err = predict('nowhere/*.jpg', network=('--config', 'nowhere.py', '--checkpoint', 'nowhere.pth'))
    assert (status, out, err) == (1, '', "1 failed:\n  No file matches 'nowhere/*.jpg'.\n")
    assert not os.path.exists('predictions')


def test_results_are_replaced_only_when_asked(predict):
    assert predict('a.jpg')[0] == 0
    status, out, _ = predict('a.jpg', 'b.png')
    assert (out, str(status).splitlines()[0]) == (
        '',
        'error: predictions/a.jpg exists already: replace it with --overwrite, or choose another folder with --out. '
        'The same applies to 1 more.',
    )
    assert files() == {'a.jpg', 'a.json'}
    assert predict('a.jpg', 'b.png', '--overwrite')[0] == 0


@pytest.mark.parametrize(
    ('arguments', 'network', 'message'),
    [
        (('--protocol', 'aflw'), None, "error: FaceLandmarker(protocol=) must be 'all' or some of the network's"),
        (
            (),
            ('--config', 'TINY'),
            'error: FaceLandmarker(checkpoint=), --checkpoint of the tools, must be a checkpoint of the config',
        ),
        (
            (),
            ('--checkpoint', 'cnt.onnx'),
            'error: FaceLandmarker(checkpoint=) must be a checkpoint. Got cnt.onnx: an .onnx file is the first '
            'argument, --model of tools/predict.py.',
        ),
        ((), ('--model', 'nobody'), "error: There is no network 'nobody'"),
        ((), ('--checkpoint', 'a'), 'error: There is no checkpoint a.'),
        ((), ('--checkpoint', 'a.jpg'), 'error: a.jpg is not a checkpoint'),
        ((), ('--config', 'nowhere.py', '--checkpoint', 'b'), 'error: There is no config file nowhere.py.'),
        ((), ('--config', 'TINY', '--checkpoint', 'nowhere.pth'), 'error: There is no checkpoint nowhere.pth.'),
        ((), ('--config', 'TINY', '--checkpoint', 'a.jpg'), 'error: a.jpg is not a checkpoint'),
        ((), ('--config', 'a.jpg', '--checkpoint', 'a.jpg'), 'error: {folder}/a.jpg: this is not a config'),
        (('--out', 'a.jpg'), None, "error: The folder 'a.jpg' cannot be written: File exists."),
        (('--batch-size', '0'), None, 'error: FaceLandmarker(batch_size=) must be at least 1. Got 0.'),
        (('--device', 'abacus'), None, "error: FaceLandmarker(device=) must be a device of this machine. Got 'abacus'"),
        (('--faces', 'sieve'), None, 'error: make_detector(spec=) must be'),
        (('--faces', 'nowhere.csv'), None, 'error: There is no file or folder nowhere.csv of boxes.'),
        (('--faces', './p'), None, 'error: The folder p must hold files of boxes, .csv or .json. Got none.'),
        (
            ('--min-score', '0.5'),
            None,
            'error: min_score must be 0 where faces have no scores.',
        ),
        (('--min-score', '2'), None, 'error: min_score must be from 0 to 1. Got 2.0.'),
        (('--max-faces', '0'), None, 'error: max_faces must be at least 1'),
        (('--confidence', '3'), None, 'error: FaceLandmarker(confidence=) needs a network whose confidence'),
    ],
)
def test_a_mistake_ends_in_one_line(predict, tiny, arguments, network, message):
    options = {} if network is None else dict(network=[tiny[0] if name == 'TINY' else name for name in network])
    faces = dict(zip(arguments[::2], arguments[1::2], strict=True)).get('--faces', 'haar')
    status, out, err = predict('a.jpg', *arguments, faces=faces, **options)
    assert (out, err) == ('', '')
    first, *others = str(status).splitlines()
    assert first.startswith(message.format(folder=os.getcwd()))
    assert others == ['(MMSEPBN_TRACEBACK=1 shows where)']
    assert not os.path.exists('predictions')


@pytest.mark.parametrize(
    ('arguments', 'network', 'message'),
    [
        (('--detect-every', '0'), None, 'argument --detect-every: must be a whole number of at least 1. Got 0.'),
        (('--save', 'draw,xml'), None, "argument --save: must be some of draw,json,csv,coco,pts,mmpose. Got 'xml'."),
        ((), ('--model', 'a.pth'), "or a name of docs/zoo.md; --checkpoint names others. Got 'a.pth'."),
        (
            (),
            ('--model', 'a.onnx', '--config', 'a.py'),
            '--model replaces --config and --checkpoint. Got both.',
        ),
        (
            (),
            ('--model', 'one', '--checkpoint', 'a'),
            '--model replaces --config and --checkpoint. Got both.',
        ),
    ],
)
def test_a_wrong_option_ends_in_the_usage(predict, arguments, network, message):
    options = {} if network is None else dict(network=network)
    status, _, err = predict('a.jpg', *arguments, **options)
    assert status == 2
    assert err.splitlines()[-1].endswith(message)


def test_a_network_of_the_package_is_the_default(predict, tmp_path, monkeypatch):
    """Here one that is written by hand."""
    zoo = tmp_path / 'zoo'
    zoo.mkdir()
    add(zoo, 'one', onnx=whole_network(zoo / 'one.onnx'))
    monkeypatch.setattr(index, 'FOLDER', zoo)
    for number, network in enumerate(((), ('--model', 'one'), ('--model', str(zoo / 'one.onnx')))):
        status, *_ = predict('a.jpg', '--save', 'json', '--out', str(number), network=network)
        assert status == 0
    first, *others = (Path(f'{number}/a.json').read_text() for number in range(3))
    assert set(json.loads(first)['faces'][0]['landmarks']) == {'300w', 'wider_face'}
    assert others == [first, first]
    (zoo / 'one.onnx').write_bytes(b'damaged')
    assert f'{zoo}/one.onnx is damaged, its SHA-256 is not that of the index' in predict('a.jpg', network=())[0]


def test_a_video_that_is_none_is_named_and_formats_without_videos_are_said(predict):
    Path('clip.mp4').write_bytes(b'no video')
    status, _, err = predict('clip.mp4', 'webcam:9', 'a.jpg')
    assert status == 1
    title, first, second = err.splitlines()[-3:]
    assert title == '2 failed:'
    assert 'clip.mp4 cannot be read as a video' in first
    assert 'There is no camera webcam:9' in second
    assert files() == {'a.jpg', 'a.json'}
    status, _, err = predict('clip.mp4', '--save', 'coco')
    assert (status, err) == (1, '1 failed:\n  Videos: --save must have some of draw,json,csv. Got coco.\n')


def test_options_of_videos_are_said_where_there_is_none(predict):
    status, out, err = predict('a.jpg', '--save', 'json', '--smooth', '--detect-every', '10', '--show')
    assert (status, out.splitlines()) == (0, ['a.jpg: 1 face', 'written: predictions'])
    assert err == 'Not used for images: --detect-every, --smooth, --show.\n'


def test_boxes_of_a_file_are_not_those_of_a_video(predict):
    Path('boxes.csv').write_text('image,x1,y1,x2,y2\nclip.mp4,0,0,9,9\n')
    Path('clip.mp4').write_bytes(b'not even opened')
    status, out, err = predict('clip.mp4', faces='boxes.csv')
    assert (status, out) == (1, '')
    assert err.splitlines()[-1] == (
        '  Boxes of a file are for images, not for videos: FaceLandmarker(faces=), --faces, must be a detector. '
        'Got boxes for clip.mp4.'
    )
    assert not os.path.exists('predictions')


@pytest.mark.parametrize('name', ['broken.jpg', 'clip.mp4', 'faceless.jpg', 'webcam:9'])
def test_nothing_is_left_of_what_failed(predict, name):
    before = files('.')
    if ':' not in name:
        Path(name).write_bytes(b'')
    if name == 'faceless.jpg':
        cv2.imwrite(name, np.zeros((60, 60, 3), np.uint8))
    status, out, err = predict(name, '--out', 'new/folder', '--save', 'draw,json,csv,coco', faces='haar')
    assert (status, out) == (1, '')
    assert err.splitlines()[-2] == '1 failed:'
    assert files('.') - {name} == before
    assert not os.path.exists('new')


def test_a_video_cut_short_is_written_and_named(predict):
    video = cv2.VideoWriter('clip.avi', cv2.VideoWriter.fourcc(*'MJPG'), 10, (128, 128))
    for _ in range(8):
        video.write(cv2.imread('a.jpg'))
    video.release()
    content = Path('clip.avi').read_bytes()
    Path('clip.avi').write_bytes(content[: len(content) * 2 // 3])
    status, out, err = predict('clip.avi', '--save', 'json,draw')
    count = len(json.loads(Path('predictions/clip.json').read_text())['frames'])
    assert 0 < count < 8
    assert cv2.VideoCapture('predictions/clip.mp4').get(cv2.CAP_PROP_FRAME_COUNT) == count
    assert out.splitlines() == [f'clip.avi: {count} frames, {count} with faces', 'written: predictions']
    wanted = f'  clip.avi: clip.avi declares 8 frames, of which {count} can be read: is it cut short?'
    assert (status, err.splitlines()[-2:]) == (1, ['1 failed:', wanted])


def test_files_of_all_images_that_fail_do_not_end_the_run(predict, tiny):
    landmarker = FaceLandmarker(*tiny, faces='whole', protocol='cofw')
    files = ResultFiles('out', ('csv', 'coco', 'json'), [PROTOCOLS['cofw']], ['a.jpg', 'gone.jpg'])
    Path('out/coco.json').mkdir()
    problems = predict_images(landmarker, ['a.jpg', 'gone.jpg'], files)
    assert [problem.split(':')[0] for problem in problems] == [
        'The image gone.jpg cannot be read',
        'out/coco.json exists already',
    ]
    assert {path.name for path in Path('out').iterdir()} == {'a.json', 'coco.json', 'landmarks_cofw.csv'}


def test_landmarks_that_are_not_finite_are_not_written(predict):
    """Of a network that loses itself in black images."""
    info = NetworkInfo((WIDER_FACE,), (8, 8))
    cv2.imwrite('black.png', np.zeros((60, 60, 3), np.uint8))

    class Lost:
        def __init__(self):
            self.info = info

        def __call__(self, crops, protocols):
            means = crops.mean(axis=(1, 2, 3))
            return dict.fromkeys(protocols, np.tile(np.where(means, means, np.nan)[:, None, None], (5, 2)))

    files = ResultFiles('out', FORMATS, [WIDER_FACE], ['black.png', 'a.jpg'])
    problems = predict_images(FaceLandmarker(Lost(), faces='whole'), ['black.png', 'a.jpg'], files)
    assert problems == ['black.png: The network predicts non-finite landmarks in black.png.']
    assert len(json.loads(Path('out/coco.json').read_text())['images']) == 1
    assert not list(Path('out').glob('black.*'))
    assert Path('out/a.pts').is_file()


def test_boxes_of_an_earlier_run_are_fitted_as_those_of_its_detector(predict, tiny, tmp_path):
    """Once, by the map that is known for it: boxes in files are those before they were fitted."""
    for source in tiny:
        shutil.copy(source, tmp_path)
    network = '--config', 'tiny.py', '--checkpoint', 'tiny.pth'
    store('tiny.pth', {'whole': BoxMap(0.1, -0.05, 0.7)})
    for arguments, faces in (
        (('--out', 'first'), 'whole'),
        (('--out', 'csv'), 'first/landmarks_wflw.csv'),
        (('--out', 'coco'), 'first/coco.json'),
    ):
        assert predict('a.jpg', '--save', 'csv,coco,json', *arguments, network=network, faces=faces)[0] == 0
    first, *others = (json.loads(Path(f'{out}/a.json').read_text())['faces'] for out in ('first', 'csv', 'coco'))
    assert others == [first, first]
    (unfitted,) = FaceLandmarker('tiny.py', 'tiny.pth')('a.jpg', boxes=[first[0]['box']])
    assert np.abs(unfitted.landmarks['wflw'] - first[0]['landmarks']['wflw']).max() > 1


def test_boxes_of_a_turned_photo_may_be_those_of_each_file_of_an_earlier_run(predict):
    exif = Image.Exif()
    exif[0x112] = 6
    Image.open('a.jpg').crop((0, 0, 128, 100)).save('turned.jpg', exif=exif, quality=98)
    Path('boxes.csv').write_text('image,x1,y1,x2,y2,score\nturned.jpg,10,20,80,90,0.75\n')
    assert predict('turned.jpg', '--save', 'json,csv,coco,mmpose', '--out', 'first', faces='boxes.csv')[0] == 0
    faces = json.loads(Path('first/turned.json').read_text())['faces']
    for name, off in (('landmarks_wflw.csv', 0), ('coco.json', 0), ('mmpose_wflw.json', 0), ('mmpose_300w.json', 1)):
        assert predict('turned.jpg', '--save', 'json', '--out', name, faces=f'first/{name}')[0] == 0
        (again,) = json.loads(Path(name, 'turned.json').read_text())['faces']
        assert (again['score'], again['detector']) == (0.75, 'boxes')
        np.testing.assert_allclose(np.abs(np.subtract(again['box'], faces[0]['box'])), off, atol=2e-3)
        assert off or again['landmarks'] == faces[0]['landmarks']


def test_photos_are_not_replaced_by_their_drawings(predict):
    before = Path('p/a.jpg').read_bytes()
    status, *_ = predict('p', '--out', 'p', '--overwrite')
    assert str(status).startswith('error: p/a.jpg is an input image and is not replaced')
    assert Path('p/a.jpg').read_bytes() == before
    assert predict('p', '--out', 'p', '--save', 'json')[0] == 0


@pytest.mark.skipif(sys.platform != 'linux', reason='such names are of Linux')
def test_names_that_are_no_text_or_too_long_stop_no_others(predict):
    content = Path('a.jpg').read_bytes()
    name, long = os.fsdecode(b'caf\xe9.jpg'), f'{"n" * 251}.jpg'
    Path(name).write_bytes(content)
    Path(long).write_bytes(content)
    status, out, err = predict(name, long, 'a.jpg', '--save', 'json,csv,coco,mmpose', '--protocol', 'cofw')
    assert status == 1
    assert out.splitlines() == ['caf\\udce9.jpg: 1 face', 'a.jpg: 1 face', 'written: predictions']
    title, problem = err.splitlines()
    assert title == '1 failed:'
    assert problem.endswith('.json cannot be written: File name too long.')
    assert json.loads((Path('predictions') / name).with_suffix('.json').read_bytes())['image'] == name
    rows = Path('predictions/landmarks_cofw.csv').read_text('utf-8').splitlines()
    assert [row.split(',')[0] for row in rows] == ['image', 'caf\\udce9.jpg', long, 'a.jpg']


def test_all_is_written_where_the_output_is_closed(predict, monkeypatch):
    monkeypatch.setattr(sys, 'stdout', None)  # as by >&-
    assert predict('a.jpg', 'b.png', '--save', 'json') == (0, '', '')
    assert files() == {'a.json', 'b.json'}


def test_a_video_without_faces_is_named(predict):
    video = cv2.VideoWriter('dark.avi', cv2.VideoWriter.fourcc(*'MJPG'), 10, (64, 48))
    for _ in range(2):
        video.write(np.zeros((48, 64, 3), np.uint8))
    video.release()
    status, out, err = predict('dark.avi', faces='haar')
    assert status == 1
    assert out.splitlines() == ['dark.avi: 2 frames, 0 with faces', 'written: predictions']
    assert err.splitlines()[-2:] == ['1 failed:', '  dark.avi: no face was found.']


def test_written_is_said_only_of_what_was(predict):
    Path('broken.jpg').write_bytes(Path('a.jpg').read_bytes()[:700])
    assert predict('broken.jpg', '--overwrite')[:2] == (1, '')
    Path('clip.mp4').write_bytes(b'no video')
    status, out, _ = predict('a.jpg', 'clip.mp4', '--save', 'coco')
    assert (status, out.splitlines()) == (1, ['a.jpg: 1 face', 'written: predictions'])
