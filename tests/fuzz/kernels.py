"""Valid kernel files of every format, and some made to do harm; and the target that reads them."""
import io
import pickle
import struct
import zipfile

import h5py
import numpy as np
import scipy.io
import scipy.sparse

from kernelfusion_nb.app import kernels

from .images import special, written
from .mutate import mutated
from .oracle import Case, Wrong

SECRET = 1234.5  # stands in files beside the case, which it must not read


def gaussian(n=7):
    axis = np.exp(-np.linspace(-2, 2, n) ** 2)
    return np.outer(axis, axis) / axis.sum() ** 2


def saved(save, *arguments, **options):
    "The bytes that `save` writes into a file."
    file = io.BytesIO()
    save(file, *arguments, **options)
    return file.getvalue()


def npys():
    k = gaussian()
    for array in (k, k.astype(np.float32), np.asfortranarray(k), k.astype(">f8"), np.stack([k, k]), (k * 1e4).astype(np.int16), k.astype(complex), k > 0, k.astype(np.float16)):
        yield saved(np.save, array)
    for version in ((2, 0), (3, 0)):
        yield saved(np.lib.format.write_array, k, version=version)
    yield saved(np.save, np.array([[1, "x"], [None, k]], dtype=object), allow_pickle=True)
    yield saved(np.save, np.zeros(3, dtype=[("a", "f8"), ("b", "i4", 2)]))
    for shape in ("(50000, 50000)", "(-1, 7)", "(3, 10**9)", "(99999999999999999999, 2)", "(True, 7)", "(" * 99 + "7" + ")" * 99):
        head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
        yield b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + k.tobytes()
    yield pickle.dumps({"kernel": k})


def npzs():
    k = gaussian()
    for arrays in ({"first": k, "second": np.stack([k, k])}, {"kernel": np.zeros((12000, 12000), np.uint8)}, {"kernel": np.array([None, k], dtype=object)}, {f"k{i}": k for i in range(40)}):
        yield zipped(zipfile.ZIP_DEFLATED, {f"{name}.npy": saved(np.save, array) for name, array in arrays.items()})
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield zipped(method, {"../kernel.npy": saved(np.save, k), "read.me": b"text"})


def zipped(method, members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)  # of 1980
    return file.getvalue()


def undated(values, **options):
    "A .mat file of version 5 to 7 whose header says nothing."
    return b" " * 116 + saved(scipy.io.savemat, values, **options)[116:]


def mats():
    k, cell = gaussian(), np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = gaussian(), np.stack([k, k], -1)
    deep = k
    for _ in range(200):
        deep = {"x": deep}
    for values in ({"k": k}, {"k": cell}, {"k": {"a": k, "b": "text"}}, {"k": np.empty((0, 0)), "s": "text"}, {"k": k.astype(np.uint8), "l": k > 0.01}, {"k": np.stack([k, k, k], -1)},
                   {"k": scipy.sparse.csc_matrix(k)}, {"k": k * 1j}, {"k": np.array([], dtype=[("a", "O")])}):
        for options in ({}, {"do_compression": True}):
            yield undated(values, **options)
    yield undated({"k": np.zeros((12000, 12000), np.uint8)}, do_compression=True)
    yield undated({"k": {}})
    yield undated({"k": deep}, long_field_names=True)
    for values in ({"k": k}, {"k": k.astype(np.float32), "t": "text"}, {"k": scipy.sparse.csc_matrix(k)}):
        yield saved(scipy.io.savemat, values, format="4")


def hdf5(fill):
    "The bytes of an HDF5 file that `fill(file)` fills, behind MATLAB's block of 512 bytes."
    file = io.BytesIO()
    with h5py.File(file, "w", userblock_size=512) as made:
        fill(made)
    file.getbuffer()[:126] = b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2"
    return file.getvalue()


def cells(file, cyclic=False):
    "A cell of a kernel, a text, an empty array and, if `cyclic`, itself."
    refs = file.create_group("#refs#")
    items = [refs.create_dataset("a", data=gaussian()), refs.create_dataset("b", data=np.uint16([65, 66]))]
    items[1].attrs["MATLAB_class"] = np.bytes_("char")
    cell = file.create_dataset("k", (1, 3), dtype=h5py.ref_dtype)
    cell[0, 0], cell[0, 1] = items[0].ref, items[1].ref
    cell[0, 2] = cell.ref if cyclic else refs.create_dataset("c", data=np.zeros(2, np.uint64)).ref
    refs.attrs["MATLAB_empty"] = 1


def tree(file, levels=40):
    "Cells each of which has the next one twice: 2 ** levels paths."
    refs = file.create_group("#refs#")
    last = refs.create_dataset("0", data=gaussian())
    for level in range(1, levels):
        cell = refs.create_dataset(str(level), (1, 2), dtype=h5py.ref_dtype)
        cell[0, 0] = cell[0, 1] = last.ref
        last = cell
    file["k"] = last


def v73s():
    k, size = gaussian(), (7, 7)
    yield hdf5(lambda f: f.create_dataset("k", data=k))
    yield hdf5(lambda f: f.create_dataset("k", data=k, chunks=(4, 4), compression="gzip", shuffle=True, fletcher32=True))
    yield hdf5(cells)
    yield hdf5(lambda f: cells(f, True))
    yield hdf5(tree)
    yield hdf5(lambda f: f.create_dataset("k", size, "f8", external=[("secret.bin", 0, 392)]))
    yield hdf5(lambda f: virtual(f, size))
    for path in ("secret.npy", "secret.h5", "case.mat"):
        yield hdf5(lambda f, path=path: f.__setitem__("k", h5py.ExternalLink(path, "/k")))
    yield hdf5(lambda f: (f.create_dataset("k", data=k), f.__setitem__("soft", h5py.SoftLink("/k")), f.__setitem__("loop", h5py.SoftLink("/loop"))))
    yield hdf5(lambda f: (f.create_group("k"), f.__setitem__("k/k", f["/"])))
    yield hdf5(lambda f: f.create_dataset("k", (10**6, 10**6), chunks=(1000, 1000), dtype="f8"))
    yield hdf5(lambda f: f.create_dataset("k", (9000, 9000), chunks=(1000, 1000), compression="gzip", dtype="f8"))
    yield hdf5(lambda f: f.create_dataset("k", data=np.zeros(3, [("real", "f8"), ("imag", "f8")])))
    yield hdf5(lambda f: (f.create_dataset("k", data="text"), f.__setitem__("type", np.dtype("f4")), f.create_dataset("n", data=h5py.Empty("f8"))))


def virtual(file, size):
    "A virtual dataset over a file beside the case; undated."
    how, space = h5py.h5p.create(h5py.h5p.DATASET_CREATE), h5py.h5s.create_simple(size)
    how.set_virtual(space, b"secret.h5", b"k", space)
    how.set_obj_track_times(False)
    h5py.h5d.create(file.id, b"k", h5py.h5t.IEEE_F64LE, space, how)


def seeds():
    "(suffix, bytes) of every kernel file."
    for suffix, made in ((".npy", npys), (".npz", npzs), (".mat", mats), (".mat", v73s)):
        yield from ((suffix, data) for data in made())
    for mode in ("L", "RGB", "1"):
        yield ".png", written(mode, "PNG")


class Kernels:
    "`load_kernels`, `load_kernel` and `check_kernel` on a file."
    seconds = 5

    def names(self, case):
        return ["path", "kernel"]

    def cases(self, rng, count):
        fixed = list(seeds()) if count else []
        small = [seed for seed in fixed if len(seed[1]) < 50_000]
        fixed += [(".special", b"fifo"), (".special", b"folder"), (".special", b"loop")]
        yield from (Case("kernels", *item) for item in fixed[:count])
        for _ in range(count - len(fixed)):
            yield Case("kernels", *mutated(rng, small))

    def attempt(self, case, folder):
        path = special(folder, case.data.decode()) if case.suffix == ".special" else folder / f"case{case.suffix}"
        if case.suffix == ".special":
            path = path.rename(path.with_suffix(".npy")) if path.exists() else path
        else:
            path.write_bytes(case.data)
        secrets(folder)
        found = kernels.load_kernels(path)
        if any((kernel == SECRET).any() for kernel in found.values()):
            raise Wrong("read another file")
        if not all(kernel.shape == kernel.shape[::-1] and np.isfinite(kernel).all() for kernel in found.values()):
            raise Wrong("no finite (n, n) kernel")
        if len(found) == 1 and len(next(iter(found.values()))) < 100:
            kernel = kernels.load_kernel(path, 2)
            if not np.isfinite(kernel).all() or not abs(kernel.sum() - 1) < 1e-3:
                raise Wrong("a loaded kernel whose sum is not 1")
        return {name: kernel.shape for name, kernel in found.items()}


def secrets(folder):
    "Files beside the case that hold SECRET."
    whole = np.full((7, 7), SECRET)
    (folder / "secret.bin").write_bytes(whole.tobytes())
    np.save(folder / "secret.npy", whole)
    with h5py.File(folder / "secret.h5", "w") as file:
        file["k"] = whole
