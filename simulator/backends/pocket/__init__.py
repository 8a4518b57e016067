"""The embedded default model: a small Llama that runs in NumPy.

Importing this package costs nothing; `backend.PocketBackend` loads the model when first asked.
"""

import os

# See `blas`; NumPy reads these when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
