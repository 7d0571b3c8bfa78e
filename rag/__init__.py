"""Citewise: ask a folder of documents in any language, get answers whose citations were checked."""

import os

# Matrix products are small here and threads are used above them; those of OpenBLAS would wait for one
# another, and spin for longer than the product takes. It reads this when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
