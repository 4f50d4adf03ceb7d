"""KernelFusion: blind super-resolution of one photograph by patch diffusion."""

from .app.solve import Result, solve

__version__ = "0.1.0"
__all__ = ["Result", "solve"]
