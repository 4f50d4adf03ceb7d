"""Valid images of every format that is read, and of some that are not; and the target that reads them."""
import io
import os
import struct

import numpy as np
import png
import tifffile
from PIL import Image, ImageCms, PngImagePlugin

from kernelfusion_nb.app import images

from .mutate import mutated
from .oracle import Case, Wrong

READ = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"GIF8"
SPECIAL = "fifo", "folder", "loop", "missing", "long name", "nul", "empty name"
OTHER = "ppm ico tga pcx sgi icns jp2 dds msp im xbm eps avif qoi spider blp".split()


def picture(shape, dtype=np.uint8, seed=0):
    "An array with structure: a ramp and noise."
    ramp = np.linspace(0, 0.7, np.prod(shape)).reshape(shape) + 0.3 * np.random.default_rng(seed).random(shape)
    return ramp.astype(dtype) if np.dtype(dtype).kind == "f" else (ramp * np.iinfo(dtype).max).astype(dtype)


def written(mode, kind, **options):
    "The bytes of a small Pillow image."
    image, file = Image.fromarray(picture((12, 14, 4)), "RGBA").convert("RGB").convert(mode), io.BytesIO()
    (image if "image" not in options else options.pop("image")).save(file, kind, **options)
    return file.getvalue()


def exif():
    "EXIF with an orientation, a resolution, and the inner blocks."
    block = Image.Exif()
    block[0x0112], block[0x011A], block[0x010E] = 6, 300.0, "a picture"
    block.get_ifd(0x8769).update({0x9003: "2020:01:01 00:00:00", 0xA002: 14, 0xA003: 12})
    block.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return block.tobytes()


def pngs():
    texts, profile = PngImagePlugin.PngInfo(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:24] + bytes(12) + profile[36:]  # without its date
    for add in (lambda: texts.add_text("Title", "x" * 40, zip=True), lambda: texts.add_itxt("Author", "y", "de", "z", zip=True), lambda: texts.add_text("Comment", "c")):
        add()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.fromarray(picture((12, 14), np.uint16)) if mode == "I;16" else None
        yield written(mode if image is None else "L", "PNG", **({} if image is None else {"image": image}))
    yield written("P", "PNG", transparency=bytes(range(0, 250, 10)))
    yield written("P", "PNG", bits=2)
    yield written("RGB", "PNG", transparency=(1, 2, 3))
    yield written("RGB", "PNG", icc_profile=profile, exif=exif(), pnginfo=texts, dpi=(72, 72))
    yield written("RGB", "PNG", save_all=True, append_images=[Image.new("RGB", (14, 12), "red")])
    for planes, more in ((1, {}), (3, {}), (4, {"interlace": True}), (2, {})):
        file, rows = io.BytesIO(), picture((12, 14 * planes), np.uint16)
        png.Writer(14, 12, greyscale=planes < 3, alpha=planes in (2, 4), bitdepth=16, **more).write(file, rows.tolist())
        yield file.getvalue()


def jpegs():
    yield written("L", "JPEG")
    yield written("RGB", "JPEG", exif=exif(), dpi=(72, 72), comment=b"said")
    yield written("RGB", "JPEG", progressive=True, subsampling=0, restart_marker_blocks=1)
    yield written("CMYK", "JPEG")
    yield written("RGB", "MPO", save_all=True, append_images=[Image.new("RGB", (14, 12))])


def tiffs():
    def made(array, **options):
        file = io.BytesIO()
        tifffile.imwrite(file, array, **options)
        return file.getvalue()
    grey, rgb = picture((12, 14)), picture((12, 14, 3))
    for kind in (None, "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "jpeg", "lzma"):
        yield written("RGB", "TIFF", compression=kind, exif=exif()) if kind is None else written("RGB", "TIFF", compression=kind)
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "LAB", "F", "I;16", "I"):
        yield written("1", "TIFF", compression="group4") if mode == "1" else written("L", "TIFF", image=Image.fromarray(picture((12, 14))).convert(mode)) if mode[0] in "FI" else written(mode, "TIFF", icc_profile=None)
    yield made(grey, photometric="miniswhite")
    yield made(picture((12, 14), np.uint16), photometric="miniswhite", rowsperstrip=3)
    yield made(picture((12, 14, 3), np.uint16), photometric="rgb", tile=(16, 16))
    yield made(picture((12, 14, 4), np.uint16), photometric="rgb", extrasamples=["unassalpha"], byteorder=">")
    yield made(picture((12, 14, 4), np.uint16), photometric="rgb", extrasamples=["assocalpha"], compression="zlib")
    yield made(picture((3, 12, 14), np.uint16), photometric="rgb", planarconfig="separate")
    yield made(picture((12, 14), np.float32))
    yield made(picture((12, 14, 3), np.float32), photometric="rgb", bigtiff=True)
    yield made(picture((12, 14, 3), np.float64), photometric="rgb", extratags=[(274, 3, 1, 6, True), (34675, 7, 8, b"notaprof", True)])
    yield made(np.stack([rgb, rgb]), photometric="rgb")


def others():
    "Of formats that change little: WebP, BMP, GIF."
    moving = dict(save_all=True, append_images=[Image.new("RGB", (14, 12), "red")])
    for mode, more in (("RGB", {}), ("RGBA", {"lossless": True}), ("RGB", {"exif": exif(), "xmp": b"<x/>"}), ("RGB", moving)):
        yield ".webp", written(mode, "WEBP", **more)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield ".bmp", written(mode, "BMP")
    for more in ({}, {"interlace": 1, "transparency": 3}, moving, {"comment": b"said"}):
        yield ".gif", written("P", "GIF", **more)


def foreign():
    "Valid files of formats that are not read, named .png."
    for suffix in OTHER:
        for mode in ("RGB", "L", "1", "F"):
            try:
                yield ".png", written(mode, Image.registered_extensions().get("." + suffix, suffix.upper()))
                break
            except (OSError, ValueError, KeyError):
                continue
    yield from ((".png", text) for text in (b"", b"\0", b"P6 2 2 255\n" + bytes(12), b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(r) run\n", b"%PDF-1.4\n%%EOF", b"{}", b"\x1f\x8b"))


def bombs():
    "Small files that say they are large."
    row = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    yield ".png", b"\x89PNG\r\n\x1a\n" + images._chunk(b"IHDR", row) + images._chunk(b"IDAT", b"") + images._chunk(b"IEND", b"")
    for suffix, kind, mode, more in ((".png", "PNG", "1", {"compress_level": 1}), (".tif", "TIFF", "1", {"compression": "tiff_lzw"}), (".gif", "GIF", "L", {})):
        yield suffix, written("1", kind, image=Image.new(mode, (9000, 9000)), **more)


def seeds():
    "(suffix, bytes) of every valid image."
    for suffix, made in ((".png", pngs), (".jpg", jpegs), (".tif", tiffs)):
        yield from ((suffix, data) for data in made())
    yield from others()


class Images:
    "`images.load` on a file."
    seconds = 5

    def names(self, case):
        return ["image"]

    def cases(self, rng, count):
        known = list(seeds())
        fixed = [*known, *foreign(), *((".special", name.encode()) for name in SPECIAL), *(bombs() if count > 100 else ())]
        yield from (Case("images", *item) for item in fixed[:count])
        for _ in range(count - len(fixed)):
            yield Case("images", *mutated(rng, known))

    def attempt(self, case, folder):
        path = special(folder, case.data.decode()) if case.suffix == ".special" else folder / f"case{case.suffix}"
        if case.suffix != ".special":
            path.write_bytes(case.data)
        photo = images.load(path)
        if not case.data.startswith(READ) and case.data[8:12] != b"WEBP":
            raise Wrong("read a format that is not named")
        if not np.isfinite(photo.tensor.numpy()).all() or photo.tensor.abs().max() > 1:
            raise Wrong("a photo out of [-1, 1]")
        images.save_image(photo.array(), folder / "saved.png", photo.carried())
        return tuple(photo.tensor.shape)


def special(folder, kind):
    "The path in `folder` of what is no regular file."
    path = folder / "case.png"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    return {"long name": folder / ("n" * 300 + ".png"), "nul": f"{folder}/a\0b.png", "empty name": ""}.get(kind, path)
