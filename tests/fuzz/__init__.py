"""A seeded fuzzer of all that kernelfusion_nb reads: images, kernels, checkpoints, caches of priors, and arguments.

`python -m tests.fuzz --help` in the root of the repository. A case is a small file; each is tried in a process of its own limits, and must end in a
result or in one line that begins with the argument's name.
"""
