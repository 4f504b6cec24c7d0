"""Writers that lay annotated faces out in the official formats of the data sets."""

from mmsepbn.synthetic.writers.wflw import write_wflw as write_wflw
