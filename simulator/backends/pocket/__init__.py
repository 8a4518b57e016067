"""The embedded default model: a small Llama that runs in NumPy.

Importing this package costs nothing; `backend.PocketBackend` loads the model when first asked.
"""

import os

# See `blas`; NumPy's libraries read these when they are first loaded.
for _name in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")
os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
