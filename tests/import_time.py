"""Print the time of `import kernelfusion_nb` over that of `import torch`: `python tests/import_time.py [repetitions]` (default 9).

Fresh interpreters, taken in turn so that both see the same machine; a script and not a test, as a time is no pass or fail on a busy machine.
"""
import statistics
import subprocess
import sys

PROBE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def seconds(module):
    return float(subprocess.run([sys.executable, "-c", PROBE.format(module)], check=True, capture_output=True, text=True).stdout)


def main(repetitions=9):
    modules = "torch", "kernelfusion_nb"
    for module in modules:
        seconds(module)
    rows = [[seconds(module) for module in modules] for _ in range(repetitions)]
    for module, times in zip(modules, zip(*rows)):
        print(f"import {module:16s} median {statistics.median(times):.3f} s  smallest {min(times):.3f} s  ({repetitions} runs)")
    ratio, least = (f([r[1] for r in rows]) / f([r[0] for r in rows]) for f in (statistics.median, min))
    print(f"ratio                   median {ratio:.3f}    smallest {least:.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
