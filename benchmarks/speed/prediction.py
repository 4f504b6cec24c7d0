"""Predicting: crops one by one and in a batch, torch and the runtime without it, frames of a video."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from numpy.typing import NDArray

from benchmarks.speed.measure import Call, interleaved, seconds_of
from benchmarks.speed.networks import build_network, network_config
from benchmarks.speed.report import Report, Row
from mmsepbn.apis import FaceLandmarker
from mmsepbn.apis.torch_network import TorchNetwork
from mmsepbn.config_file import read_config
from mmsepbn.detectors.detector import Found
from mmsepbn.detectors.make import make_detector
from mmsepbn.evaluation.mean_face import mean_face
from mmsepbn.export.export_network import export_network
from mmsepbn.outputs.draw import draw_faces
from mmsepbn.protocols import WFLW
from mmsepbn.runtime.network import Network
from mmsepbn.runtime.onnx_network import OnnxNetwork
from mmsepbn.synthetic import generate_faces
from mmsepbn.synthetic.generator import generate_face
from mmsepbn.video.predict_video import predict_video
from mmsepbn.video.writer import VideoWriter

_CPU = torch.device('cpu')
_BATCH = 16
_FRAME, _FACE = (640, 480), 240  # pixels


def prediction_speed(report: Report, name: str, config: str, seconds: float, quick: bool = False) -> None:
    """Rows of one network, with weights that predict the mean face: how long it takes does not depend on them."""
    with tempfile.TemporaryDirectory() as folder:
        cfg, checkpoint, onnx = read_config(config), Path(folder) / 'weights.pth', Path(folder) / 'network.onnx'
        cfg.model = network_config(config, None, quick)
        torch.save(_mean_face_weights(cfg), checkpoint)
        export_network(cfg, checkpoint, onnx, faces=1)
        networks: dict[str, Network] = {'torch': TorchNetwork(cfg, checkpoint), 'runtime': OnnxNetwork(onnx)}
        report.measure(dict(part='crops', network=name), lambda: _crops(networks, seconds))
        clip = Path(folder) / 'clip.avi'
        count = _write_clip(clip, 12 if quick else 150)
        for kind, network in networks.items():
            report.measure(
                dict(part='video', network=name, runs=kind, frame=_FRAME, detect_every=10),
                lambda network=network: _video(network, clip, count),
            )


def _mean_face_weights(cfg: Config) -> dict[str, torch.Tensor]:
    model = build_network(cfg.model, _CPU)
    faces = list(generate_faces(8, size=128, workers=1))
    shape = mean_face(np.stack([face.marked(WFLW) for face in faces]), np.stack([face.box for face in faces]))
    last = model.head.branches['wflw'].fc
    with torch.no_grad():
        last.weight.mul_(1e-3)
        last.bias.copy_(torch.from_numpy(shape.ravel() * 128))
    return model.state_dict()


def _crops(networks: dict[str, Network], seconds: float) -> Row:
    """Faces per second of 16 crops in one batch and one by one."""
    crops = np.random.default_rng(0).integers(0, 256, (_BATCH, 128, 128, 3), np.uint8)

    def one_by_one(network: Network) -> Call:
        return lambda: [network(crop[None], ['wflw']) for crop in crops]

    calls: dict[str, Call] = {}
    for kind, network in networks.items():
        calls[f'{kind}, one by one'] = one_by_one(network)
        calls[f'{kind}, in one batch'] = lambda network=network: network(crops, ['wflw'])
    times = interleaved(calls, _CPU, seconds)
    return dict(faces_per_second={name: round(_BATCH / float(np.median(each)), 1) for name, each in times.items()})


class _KnownFace:
    """Searches as Haar's cascade does, which a drawn face may not please, and finds the face where it is."""

    name = 'haar'

    def __init__(self) -> None:
        self._haar = make_detector('haar')

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        self._haar(image)
        return Found(np.array([_box(0)]))


def _box(frame: int) -> tuple[float, float, float, float]:
    """Of the face in a frame; it stays where it is, so that the mean face does too."""
    left, top = (side / 2 - _FACE / 2 for side in _FRAME)
    return left, top, left + _FACE, top + _FACE


def _write_clip(path: Path, count: int) -> int:
    writer = VideoWriter(path, 25, _FRAME)
    for number, image in enumerate(_frames(count)):
        writer.write(image, number / 25)
    writer.close()
    return count


def _frames(count: int) -> Iterator[NDArray[np.uint8]]:
    """A drawn face before a background of changing brightness."""
    face = generate_face(0, 0, _FACE)
    left, top = (int(value) for value in _box(0)[:2])
    for number in range(count):
        frame = np.full((_FRAME[1], _FRAME[0], 3), 100 + number % 50, np.uint8)
        frame[top : top + _FACE, left : left + _FACE] = face.image
        yield cv2.GaussianBlur(frame, (3, 3), 0)


def _video(network: Network, clip: Path, count: int) -> Row:
    """Frames per second of reading, detecting, predicting, drawing and writing."""
    landmarker = FaceLandmarker(network, faces=_KnownFace())
    out = clip.with_name('drawn.mp4')
    found: list[int] = []

    def run() -> None:
        faces = predict_video(landmarker, clip, out, draw=lambda image, faces: draw_faces(image, faces, WFLW))
        found.append(sum(map(bool, faces)))

    seconds = [seconds_of(run, _CPU) for _ in range(3)]
    return dict(
        frames_per_second=round(count / float(np.median(seconds)), 1), frames=count, frames_with_a_face=found[-1]
    )
