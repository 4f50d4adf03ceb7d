"""What a call may end in: a result, or one line that begins with the argument's name; nothing written, started or said beside."""
import os
import re
import sys
import traceback
import warnings
from typing import NamedTuple

ALLOWED = ValueError, OSError, ImportError, FloatingPointError
PROGRAMS = "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"
WRITES = "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree"
LIBTIFF = re.compile(r"_?[A-Z][A-Za-z0-9_]+: ")  # what libtiff says of a damaged file cannot be kept off stderr from Python
MARKS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Case(NamedTuple):
    "One attempt: the name of its target, the suffix of its file, and the file's bytes."
    target: str
    suffix: str
    data: bytes


class Outcome(NamedTuple):
    "how: 'read', 'refused' or 'fault'; kind: what two faults have in common; text: what was said."
    how: str
    kind: str = ""
    text: str = ""


class Wrong(Exception):
    "A result that is not right; raised by a target, its text is the kind."


class Watch:
    "What Python is asked to do beside computing: files written outside of `folder`, programs, connections, pickles."
    def __init__(self, folder):
        self.folder, self.seen, self.active = os.path.realpath(folder), [], False
        sys.addaudithook(self)

    def __call__(self, event, args):
        if not self.active:
            return
        if event in PROGRAMS or event in ("socket.connect", "socket.bind", "pickle.find_class"):
            self.seen.append(f"{event} {str(args[0])[:60]}")
        elif event in WRITES or event == "open" and isinstance(args[2], int) and args[2] & MARKS:
            self._path(event, args[0])

    def _path(self, event, path):
        if isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path) != os.devnull:
            folder, name = os.path.split(os.fsdecode(path))
            full = os.path.join(os.path.realpath(folder or "."), name, "")
            if not full.startswith(os.path.join(self.folder, "")):  # the folder itself is opened for a file without a name
                self.seen.append(f"{event} outside of the folder: {os.fsdecode(path)[:80]}")


def where(error):
    "The type of `error` and the place, module.function, that raised it."
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "frozen" not in f.filename]
    last = frames[-1] if frames else None
    return f"{type(error).__name__} in {os.path.basename(last.filename).removesuffix('.py')}.{last.name}" if last else type(error).__name__


def refused(error, names):
    "The Outcome of an `error`: refused where its text is one line that begins with one of `names`."
    text = re.sub(r"^\[Errno -?\d+\] ", "", str(error))
    shown = f"{type(error).__name__}: {text[:200]}"
    if not isinstance(error, ALLOWED):
        return Outcome("fault", where(error), shown)
    if len(text.splitlines()) != 1:
        return Outcome("fault", f"not one line: {where(error)}", shown)
    if not re.match(rf"({'|'.join(map(re.escape, names))})\b ?[=:,]", text):
        return Outcome("fault", f"begins without the argument's name: {where(error)}", shown)
    return Outcome("refused", "", text)


def judge(call, names, watch, stderr):
    "The Outcome of `call()`, whose refusals begin with one of `names`; `stderr`: the open file that stands for it."
    watch.seen.clear()
    start = os.fstat(stderr.fileno()).st_size
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for kind in (DeprecationWarning, PendingDeprecationWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)
        watch.active = True
        try:
            outcome = Outcome("read", "", str(call())[:200])
        except Wrong as error:
            outcome = Outcome("fault", str(error).partition(";")[0], str(error))
        except BaseException as error:  # of any kind: that is what is sought
            outcome = refused(error, names)
        finally:
            watch.active = False
    said = os.pread(stderr.fileno(), 3000, start).decode("utf-8", "replace")
    said = "\n".join(line for line in said.splitlines() if not LIBTIFF.match(line))
    if watch.seen:
        return Outcome("fault", watch.seen[0].split(":")[0][:60], f"{watch.seen[0]}; {outcome.text}")
    if said:
        return Outcome("fault", f"on stderr: {' '.join(re.sub('[^A-Za-z ]', ' ', said).split()[:5])}", said[:300])
    for warning in seen:
        if not re.match(rf"({'|'.join(map(re.escape, names))})\b ?[=:,]", str(warning.message)) and outcome.how != "fault":
            name = os.path.basename(warning.filename)
            return Outcome("fault", f"a warning: {warning.category.__name__} in {name}", f"{warning.message}"[:200])
    return outcome
