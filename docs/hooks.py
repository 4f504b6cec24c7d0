"""What mkdocs does beside its own: pages of the root are in the site, Sphinx's roles of docstrings are links."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ROOT_PAGES = {'README.md': 'index.md', 'CONTRIBUTING.md': 'contributing.md', 'CHANGELOG.md': 'changelog.md'}
ROLE = re.compile(r':(?:class|func|meth|mod):<code>~?([\w.]+)</code>')


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root, whose links lead from there and not from docs/, and the licence."""
    for name, page in ROOT_PAGES.items():
        files.append(File.generated(config, page, content=linked_from_docs((ROOT / name).read_text(encoding='utf-8'))))
    files.append(File.generated(config, 'LICENSE', abs_src_path=str(ROOT / 'LICENSE')))
    return files


def linked_from_docs(text: str) -> str:
    """A page of the root as one of docs/."""
    text = text.replace('](docs/', '](')
    for name, page in ROOT_PAGES.items():
        text = text.replace(f']({name})', f']({page})')
    return text


def on_page_content(html: str, **_: Any) -> str:
    """``:class:`SepBN` `` becomes a link to the public name, or plain code where there is none."""
    return ROLE.sub(r'<autoref optional identifier="mmsepbn.\1"><code>\1</code></autoref>', html)
