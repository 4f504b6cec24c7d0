"""Importing this module registers every component of the package."""

from mmsepbn import codecs, datasets, engine, evaluation, models

for _package in (codecs, datasets, engine, evaluation, models):
    for _name in _package.__all__:
        getattr(_package, _name)
