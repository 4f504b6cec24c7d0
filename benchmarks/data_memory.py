#!/usr/bin/env python
"""Time and memory of the five data sets at the paper's sizes, 41,763 faces, with made-up annotation files.

Builds data set and sampler, then runs epochs over all annotations (without images) with two workers, and prints
seconds and the resident memory of all processes.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import cv2
import h5py
import numpy as np
import psutil
import scipy.io
from torch.utils.data import DataLoader

from mmsepbn.datasets import MultiProtocolDataset, ProportionalMultiDatasetSampler

SIZES = {'cofw': 1345, 'aflw': 20000, 'wflw': 7500, '300w': 3148, 'wider_face': 9770}
RNG = np.random.default_rng(0)


def make_files(root: Path) -> dict[str, dict]:
    """Annotation files in the official formats; all faces of a set share one image where the format allows it."""
    cv2.imwrite(str(root / 'face.jpg'), np.zeros((8, 8, 3), np.uint8))
    numbers = ' '.join(f'{v:.6f}' for v in RNG.uniform(1, 200, 196))
    (root / 'wflw.txt').write_text(f'{numbers} 1 1 200 200 0 0 0 0 0 0 face.jpg\n' * SIZES['wflw'])
    point = '10.0 20.0 0.0 ' * 5
    (root / 'label.txt').write_text('# face.jpg\n' + f'1 1 200 200 {point} 0.5\n' * SIZES['wider_face'])
    with h5py.File(root / 'cofw.mat', 'w') as file:
        image = file.create_dataset('image', data=np.zeros((3, 8, 8), np.uint8)).ref
        cells = file.create_dataset('IsTr', (1, SIZES['cofw']), dtype=h5py.ref_dtype)
        cells[0, :] = [image] * SIZES['cofw']
        file['phisTr'] = np.concatenate((RNG.uniform(1, 200, (58, SIZES['cofw'])), np.zeros((29, SIZES['cofw']))))
        file['bboxesTr'] = np.full((4, SIZES['cofw']), 50.0)
    count = SIZES['aflw'] + 4386
    names = np.empty((count, 1), object)
    names[:] = 'face.jpg'
    aflw = {
        'bbox': np.tile((1.0, 200.0, 1.0, 200.0), (count, 1)),
        'data': RNG.uniform(1, 200, (count, 38)),
        'mask_new': np.ones((count, 19), np.uint8),
        'nameList': names,
        'ra': np.arange(1, count + 1)[None],
    }
    scipy.io.savemat(root / 'aflw.mat', aflw)
    points = '\n'.join(f'{x:.3f} {y:.3f}' for x, y in RNG.uniform(1, 200, (68, 2)))
    for index in range(SIZES['300w']):
        folder = root / ('afw', 'helen/trainset', 'lfpw/trainset')[index % 3]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f'{index}.pts').write_text(f'version: 1\nn_points: 68\n{{\n{points}\n}}\n')
        (folder / f'{index}.jpg').touch()
    common = dict(data_root=str(root))
    return {
        'cofw': dict(type='mmsepbn.COFWDataset', ann_file='cofw.mat', **common),
        'aflw': dict(type='mmsepbn.AFLWDataset', ann_file='aflw.mat', **common),
        'wflw': dict(type='mmsepbn.WFLWDataset', ann_file='wflw.txt', **common),
        '300w': dict(type='mmsepbn.Face300WDataset', boxes='landmarks', **common),
        'wider_face': dict(type='mmsepbn.WiderFaceDataset', ann_file='label.txt', **common),
    }


def memory() -> float:
    """Resident megabytes of this process and its workers; shared pages count in proportion."""
    process = psutil.Process()
    return sum(p.memory_full_info().pss for p in [process, *process.children(recursive=True)]) / 2**20


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--epochs', type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        configs = make_files(Path(folder))
        before, start = memory(), time.perf_counter()
        dataset = MultiProtocolDataset(configs)
        read = time.perf_counter() - start
        sampler = ProportionalMultiDatasetSampler(dataset, seed=0)
        start = time.perf_counter()
        count = len(list(sampler))
        print(
            f'{dataset.sizes}: read in {read:.1f} s, {memory() - before:.0f} MB; {count} drawn in '
            f'{1000 * (time.perf_counter() - start):.0f} ms'
        )
        loader = DataLoader(dataset, 64, sampler=sampler, num_workers=2, persistent_workers=True, collate_fn=len)
        for epoch in range(args.epochs):
            sampler.set_epoch(epoch)
            start = time.perf_counter()
            faces = sum(loader)
            print(f'epoch {epoch}: {faces} faces in {time.perf_counter() - start:.1f} s, {memory():.0f} MB')
    print(f'peak of the main process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB')


if __name__ == '__main__':
    main()
