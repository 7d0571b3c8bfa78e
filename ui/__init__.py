"""The doors: the command line and what it wires together."""

import os

# Matrix products are small here and threads are used above them; those of OpenBLAS would wait for one
# another, and spin for longer than the product takes. It reads this when NumPy is first imported, so
# it is set for whole programs of ours; a program that imports `rag` keeps what it has chosen.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
