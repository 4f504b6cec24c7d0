"""Reading of damaged files in a child process with limits, which is replaced when it crashes or hangs."""

import gc
import multiprocessing
import os
import random
import resource
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from fuzz.mutate import OUTSIDE, damage
from fuzz.outside import Watch
from fuzz.readers import READERS

from mmsepbn.datasets.annotation import AnnotationError

MEMORY = 2 * 2**30  # bytes that a child may take beyond what it begins with
SECONDS = 10  # for one file


@dataclass
class Child:
    """One process that reads damaged copies of the files below ``sets`` (see :func:`fuzz.readers.write_sets`)."""

    sets: Path
    seed: int = 0
    _process: multiprocessing.Process | None = None
    _folder: str = field(default='')

    def outcome(self, reader: str, case: int) -> tuple[str, str]:
        """What became of one case, and details: read, AnnotationError, other, wrong, outside, crash or hang."""
        if self._process is None:
            self._start()
        self._pipe.send((reader, case))
        if not self._pipe.poll(SECONDS):
            self.close()
            return 'hang', f'after {SECONDS} s'
        try:
            return self._pipe.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self.close()
            return 'crash', f'exit status {code}'

    def close(self) -> None:
        """End the process and remove its files."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._folder = tempfile.mkdtemp(prefix='fuzz_')
        here, there = multiprocessing.Pipe()
        self._pipe = here
        context = multiprocessing.get_context('fork')  # the imports take seconds
        self._process = context.Process(
            target=_serve, args=(there, self.sets, Path(self._folder), self.seed), daemon=True
        )
        self._process.start()
        there.close()


def _serve(pipe, sets: Path, folder: Path, seed: int) -> None:
    root = folder / 'sets'
    shutil.copytree(sets, root)
    outside = folder / OUTSIDE
    outside.mkdir()
    for name, source in {
        'face.jpg': 'JSON/0.jpg',
        'face.pts': '300W/afw/face.pts',
        'a.json': 'JSON/a.json',
        'a.mat': 'COFW/COFW_train_color.mat',
    }.items():
        shutil.copy(sets / source, outside / name)
    watch = Watch(root, outside)
    taken = int(Path('/proc/self/statm').read_text().split()[0]) * os.sysconf('SC_PAGE_SIZE')
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()  # MMEngine collects garbage after each set, 0.3 s through all that was imported
    while True:
        name, case = pipe.recv()
        pipe.send(_run(name, random.Random(f'{seed} {name} {case}'), root, sets, watch))


def _run(name: str, rng: random.Random, root: Path, sets: Path, watch: Watch) -> tuple[str, str]:
    reader = READERS[name]
    place = root / reader.file
    try:
        damage(rng, place, (sets / reader.file).read_bytes(), reader.kind, reader.found)
        with watch:
            outcome = _read(reader.read, root)
        return ('outside', watch.opened[0]) if watch.opened else outcome
    finally:
        _restore(place, sets / reader.file)


def _read(read, root: Path) -> tuple[str, str]:
    try:
        samples = read(root)
    except AnnotationError as error:
        return 'AnnotationError', str(error)
    except Exception as error:  # noqa: BLE001 this is what is looked for
        return 'other', f'{type(error).__name__}: {error}'
    for sample in samples:
        box = np.asarray(sample['bbox'], np.float32)[0]
        if not (
            np.isfinite(np.float32(sample['keypoints'])).all() and np.isfinite(box).all() and (box[2:] > box[:2]).all()
        ):
            return 'wrong', f'{sample["img_path"]}: not finite, or a box without area'
        if not os.path.realpath(sample['img_path']).startswith(f'{os.path.realpath(root)}/'):
            return 'outside', sample['img_path']
    return 'read', ''


def _restore(place: Path, source: Path) -> None:
    """Put the whole file back."""
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    else:
        place.unlink(missing_ok=True)
    for other in (f'._{place.name}', f'z{place.suffix.upper()}'):
        (place.parent / other).unlink(missing_ok=True)
    shutil.copy(source, place)
