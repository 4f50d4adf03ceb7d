"""`python -m tests.fuzz`."""
import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is there: a process of one thread may be forked
sys.dont_write_bytecode = True

from .run import main  # noqa: E402

sys.exit(main())
