"""KernelFusion: blind super-resolution of one photograph by patch diffusion."""

__version__ = "0.1.0"
