"""Finding faces in images, and fitting their boxes to those that a network was trained with."""
