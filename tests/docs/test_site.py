"""The site that ``make docs`` builds has every page and every public name."""

import re

import yaml
from helpers import ROOT

import mmsepbn

DOCS = ROOT / 'docs'


def leaves(node):
    """Pages of mkdocs' nav, in order."""
    if isinstance(node, str):
        return [node]
    return [page for entry in (node.values() if isinstance(node, dict) else node) for page in leaves(entry)]


def test_the_navigation_leads_to_every_page_once():
    nav = leaves(yaml.safe_load((ROOT / 'mkdocs.yml').read_text())['nav'])
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob('*.md')]
    assert sorted(nav) == sorted([*pages, 'index.md', 'changelog.md'])  # docs/hooks.py adds the two


def test_the_api_pages_describe_every_public_name_once():
    described = [
        name
        for page in (DOCS / 'api').glob('*.md')
        for name in re.findall(r'^::: mmsepbn\.(\w+)$', page.read_text(), re.M)
    ]
    assert sorted(described) == sorted(set(mmsepbn.__all__) - {'__version__'})
