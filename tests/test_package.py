"""First contact: what importing costs, what a wheel holds."""

import email
import importlib.util
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT
from runtime_network import whole_network

PURE = ('mmsepbn.evaluation.functional', 'mmsepbn.models.norms.functional', 'mmsepbn.models.norms.pool_to_square')
BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {blocked}:
            raise ImportError(f'{{name}} is not to be imported')
sys.meta_path.insert(0, Block())
"""
FRAMEWORKS = ('mmengine', 'mmcv', 'mmpose', 'mmdet')
# All of their modules, except for:
LIGHT = ('synthetic', 'detectors', 'outputs', 'video', 'runtime', 'apis')
HEAVY = {f'mmsepbn.apis.{name}' for name in ('load_model', 'network_info', 'torch_network')}


def python(code, executable=sys.executable, **options):
    done = subprocess.run([str(executable), '-c', code], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


@pytest.mark.slow
def test_pure_modules_import_where_there_is_no_framework():
    code = f"""
import importlib
for name in {PURE}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f'{{name}}: {{error}}')
"""
    assert python(BLOCK.format(blocked=FRAMEWORKS) + code) == ''


def test_packages_for_prediction_import_where_there_is_no_torch():
    files = [file for name in LIGHT for file in (ROOT / 'mmsepbn' / name).rglob('*.py')]
    names = {'.'.join(file.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__') for file in files}
    assert names > HEAVY
    names |= {'mmsepbn.protocols', 'mmsepbn.datasets.transforms.affine'}
    loaded = '\n'.join(f'import {name}' for name in sorted(names - HEAVY))
    python(BLOCK.format(blocked=('torch', *FRAMEWORKS)) + loaded)


def test_drawing_faces_loads_no_library_of_official_files():
    code = 'from mmsepbn.synthetic import generate_face; print(generate_face(0, 0, 64).image.shape)'
    assert python(BLOCK.format(blocked=('h5py', 'scipy')) + code) == '(64, 64, 3)'


def test_importing_the_package_loads_no_torch():
    python(BLOCK.format(blocked=('torch', *FRAMEWORKS)) + 'import mmsepbn; print(mmsepbn.__version__)')


def test_public_names_are_classes_of_the_package():
    import mmsepbn
    from mmsepbn.models.norms.sepbn import SepBN

    assert mmsepbn.SepBN is SepBN
    assert {'FaceLandmarkMetric', 'WFLWDataset', 'TemperatureAnnealingHook', 'get_protocol'} <= set(dir(mmsepbn))
    assert all(getattr(mmsepbn, name).__module__.startswith('mmsepbn.') for name in mmsepbn.__all__)
    with pytest.raises(AttributeError, match='SepBM'):
        mmsepbn.SepBM  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize('name', ['mmsepbn', 'mmsepbn.registry'])
def test_either_import_in_a_config_registers_all_components(name):
    code = f"""
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
config = Config(dict(custom_imports=dict(imports=['{name}'])))
from mmengine.utils import import_modules_from_strings
import_modules_from_strings(**config.custom_imports)
init_default_scope('mmpose')
print(type(MODELS.build(dict(type='mmsepbn.VanillaCNN', norm_cfg=dict(type='mmsepbn.SepBN')))).__name__)
from mmpose.models import TopdownPoseEstimator
"""
    assert python(code) == 'VanillaCNN'


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    """The package as a wheel."""
    folder = tmp_path_factory.mktemp('wheel')
    source = folder / 'source'  # building leaves files where it runs
    for name in ('mmsepbn', 'configs', 'tools'):
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('setup.cfg', 'pyproject.toml', 'README.md', 'LICENSE', 'model-index.yml'):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation', '-w', str(folder)]
    subprocess.run([*build, str(source)], check=True)
    (wheel,) = folder.glob('*.whl')
    return wheel


@pytest.fixture
def fresh(wheel, tmp_path):
    """The Python of a fresh environment in which the wheel is installed, and nothing else."""
    venv.create(tmp_path / 'fresh', with_pip=True)
    python = tmp_path / 'fresh' / 'bin' / 'python'
    install = [str(python), '-m', 'pip', 'install', '-q', '--no-deps', '--no-index', str(wheel)]
    subprocess.run(install, check=True, cwd=tmp_path, env={})
    return python


@pytest.mark.slow
def test_a_wheel_installs_with_configs_and_tools(wheel, fresh, tmp_path):
    """In a fresh environment that sees this one's packages but not the project."""
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith('.py')}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / 'mmsepbn').rglob('*.py') if '.mim' not in path.parts}
    configs = {f'mmsepbn/.mim/{path.relative_to(ROOT)}' for path in (ROOT / 'configs').rglob('*.py')}
    tools = {f'mmsepbn/.mim/{path.relative_to(ROOT)}' for path in (ROOT / 'tools').glob('*.py')}
    assert inside == modules | configs | tools
    zoo = [path for path in (ROOT / 'mmsepbn' / 'zoo').iterdir() if path.suffix in ('.json', '.onnx', '.pth', '.jinja')]
    data = {f'mmsepbn/zoo/{path.name}' for path in zoo}
    data |= {f'mmsepbn/.mim/{name}' for name in ('model-index.yml', 'configs/metafile.yml')}
    assert data <= set(zipfile.ZipFile(wheel).namelist())
    code = """
from pathlib import Path
import mmsepbn
from mmengine.config import Config
package = Path(mmsepbn.__file__).parent
assert (package / 'py.typed').exists()
print(package)
print(Config.fromfile(package / '.mim/configs/sepbn_resnext50_wflw.py').model.backbone.type)
Path('own.py').write_text("_base_ = __import__('mmsepbn').config_path('sepbn_vanilla_wflw.py')")
print(Config.fromfile('own.py').model.backbone.norm_cfg.type)
"""
    packages = next(path for path in map(Path, sys.path) if path.name == 'site-packages')
    # Later on the path than the fresh environment's own; its .pth files, which name the project, are not read.
    output = python(f'import sys; sys.path.append({str(packages)!r})\n{code}', fresh, cwd=tmp_path, env={})
    package, *types = output.splitlines()
    assert Path(package).is_relative_to(tmp_path / 'fresh')
    assert types == ['mmsepbn.SepBNBackbone', 'mmsepbn.SepBN']


def linked(folder, names):
    """A folder to import from that holds the named packages of this environment and no others, and binary libraries."""
    folder.mkdir()
    for package in (Path(importlib.util.find_spec(name).origin).parent for name in names):
        (folder / package.name).symlink_to(package)
        for libraries in package.parent.glob('*.libs'):
            if not (folder / libraries.name).exists():
                (folder / libraries.name).symlink_to(libraries)
    return folder


@pytest.mark.slow
def test_with_the_extra_for_the_runtime_a_wheel_predicts_without_torch(wheel, fresh, tmp_path):
    """What the extra names, lazy-loader of the requirements, and what these need themselves; nothing else is there."""
    pytest.importorskip('onnxruntime')
    metadata = email.message_from_bytes(
        next(zipfile.ZipFile(wheel).read(n) for n in zipfile.ZipFile(wheel).namelist() if n.endswith('/METADATA'))
    )
    extra = {line.split(';')[0].strip() for line in metadata.get_all('Requires-Dist') if 'extra == "runtime"' in line}
    assert extra == {'onnxruntime', 'opencv-python<5'}
    packages = linked(tmp_path / 'packages', ['numpy', 'cv2', 'onnxruntime', 'lazy_loader', 'packaging', 'flatbuffers'])
    network = whole_network(tmp_path / 'network.onnx')
    code = f"""
import sys
sys.path.append({str(packages)!r})
import numpy as np
from mmsepbn.apis import FaceLandmarker
(face,) = FaceLandmarker({str(network)!r})(np.full((20, 20, 3), 7, np.uint8), boxes=[[4, 4, 12, 12]])
print(face.landmarks['wider_face'][0].round(3))
assert not {{'torch', 'mmengine', 'mmcv', 'mmpose', 'scipy', 'h5py', 'matplotlib'}} & set(sys.modules)
"""
    # Landmark 0 of a crop of value 7 is at 7, 8; the crop of 8 x 6 pixels shows 10 x 10 from 3, 3 on.
    assert python(code, fresh, cwd=tmp_path, env={}) == str(np.float32([3 + 7 * 10 / 8, 3 + 8 * 10 / 6]).round(3))
