"""A worker process under limits of time and memory, replaced when it dies; who dies is blamed on the case."""
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from .oracle import Outcome, Watch, judge

GIGABYTE = 2**30


def _work(parents, connection, targets, folder):
    "The worker's life: an Outcome, and the peak of its memory, for each case that comes."
    parents.close()  # so that the end of the parent is seen
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process
    resource.setrlimit(resource.RLIMIT_DATA, (GIGABYTE, GIGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (GIGABYTE // 4, GIGABYTE // 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    watch = Watch(folder)
    with tempfile.TemporaryFile() as stderr:
        os.dup2(stderr.fileno(), 2)
        sys.stderr = open(2, "w", closefd=False)
        while case := connection.recv():
            connection.send((_tried(targets[case.target], case, Path(folder), watch, stderr), peak()))


def _tried(target, case, folder, watch, stderr):
    "The Outcome of `case` within its target's seconds of CPU time, its files removed."
    signal.setitimer(signal.ITIMER_PROF, target.seconds)
    outcome = judge(lambda: target.attempt(case, folder), target.names(case), watch, stderr)
    signal.setitimer(signal.ITIMER_PROF, 0)
    emptied(folder)
    if peak() > GIGABYTE and outcome.how != "fault":
        return Outcome("fault", "memory above 1 GB", f"{peak() / GIGABYTE:.2f} GB; {outcome.text}")
    return outcome


def emptied(folder):
    "Removes all that is in `folder`."
    for path in Path(folder).iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def peak():
    "The most bytes of memory this process has had."
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Pool:
    "One worker at a time, forked from this process, which has imported all that `targets` ({name: target}) need."
    def __init__(self, targets, folder, wall=300, turns=1000):
        self.targets, self.folder, self.wall, self.turns = targets, str(folder), wall, turns
        self.process, self.left, self.peak = None, 0, 0

    def attempt(self, case):
        "The Outcome of `case`; a worker that dies, or is silent for `wall` seconds, is a fault and is replaced."
        if self.left <= 0:
            self.close()
            self._start()
        self.left -= 1
        self.connection.send(case)
        try:
            if not self.connection.poll(self.wall):
                self.close()
                return Outcome("fault", "waits for ever", f"no answer in {self.wall} s")
            outcome, peak = self.connection.recv()
        except (EOFError, ConnectionResetError):
            return self._died()
        self.peak = max(self.peak, peak)
        if peak > GIGABYTE:  # its peak stays: the next case is not to be blamed
            self.close()
        return outcome

    def _start(self):
        emptied(self.folder)  # of what a dead worker has left
        here, there = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=_work, args=(here, there, self.targets, self.folder), daemon=True)
        self.process.start()
        there.close()
        self.connection, self.left = here, self.turns

    def _died(self):
        self.process.join()
        code, self.left = self.process.exitcode, 0
        if code == -signal.SIGPROF:
            return Outcome("fault", "too long", "more CPU time than it may take")
        return Outcome("fault", f"the process died ({signal.Signals(-code).name if code < 0 else code})")

    def close(self):
        "Ends the worker."
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.connection.close()
        self.process, self.left = None, 0


def started():
    "The seconds of wall and CPU time so far, of this process and its workers."
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.monotonic(), own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
