"""The method's benchmark: the paper's comparisons on fixed faces."""
