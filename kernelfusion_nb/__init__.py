"""KernelFusion: blind super-resolution of one photograph by patch diffusion."""
import importlib

__version__ = "0.1.0"
__all__ = ["Result", "solve"]


def __getattr__(name):
    "`solve` and `Result` at their first use: the command line sets up how threads wait before torch is loaded."
    if name in __all__:
        from .app import solve as module
        return getattr(module, name)
    if name in ("app", "bench", "solver"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
