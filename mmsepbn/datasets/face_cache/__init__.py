"""Faces of a data set cut out of their images once, for every epoch: all that augmentation can reach, in one file."""
