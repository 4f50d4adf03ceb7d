"""Ways in which a file goes wrong: bytes, blocks, PNG chunks with right checksums, TIFF entries, JPEG segments, and names."""
import struct
import zlib

EDGES = 0, 1, 2, 3, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1
SUFFIXES = ".png", ".jpg", ".tif", ".webp", ".bmp", ".gif", ".npy", ".PNG", ""


def flipped(rng, data):
    "One to eight bytes changed."
    for _ in range(rng.integers(1, 9)):
        data[rng.integers(len(data))] = rng.choice([0, 1, 255, 128, int(rng.integers(256))])
    return data


def cut(rng, data):
    "The first part."
    return data[:rng.integers(len(data))]


def moved(rng, data):
    "A block copied to, or put in at, another place, or left out."
    at, to, length = rng.integers(len(data), size=2).tolist() + [int(rng.choice([1, 4, 16, 64, 512]))]
    block, over = data[at:at + length], int(rng.choice([0, length]))
    return data[:to] + (block if rng.random() < 0.7 else b"") + data[to + over:]


def numbered(rng, data):
    "A number at the edge of its kind, written anywhere, most often near the start."
    size, order = int(rng.choice([1, 2, 4, 8])), rng.choice(["big", "little"])
    at = int(rng.integers(min(len(data), rng.choice([64, 512, 10**9]))))
    data[at:at + size] = (int(EDGES[rng.integers(len(EDGES))]) % 256**size).to_bytes(size, order)
    return data


def chunked(rng, data):
    "A PNG whose chunks are changed, repeated, left out or exchanged, each with its right checksum."
    found, at = [], 8
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        found.append([bytes(data[at + 4:at + 8]), bytearray(data[at + 8:at + 8 + length])])
        at += 12 + length
    kind, place, other = rng.integers(6), *rng.integers(len(found), size=2)
    if kind == 0:
        found.insert(other, found[place])
    elif kind == 1:
        del found[place]
    elif kind == 2:
        found[place][0] = [b"IDAT", b"PLTE", b"tRNS", b"iCCP", b"zTXt", b"iTXt", b"eXIf", b"pHYs", b"acTL", b"fdAT", b"gAMA", b"sRGB"][rng.integers(12)]
    elif kind == 3:
        found[place], found[other] = found[other], found[place]
    else:
        found[place][1] = inside(rng, *found[place])
    return data[:8] + b"".join(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in found)


def inside(rng, name, body):
    "The body of a PNG chunk changed; that of compressed pixels often before it is compressed."
    if name == b"IDAT" and rng.random() < 0.5:
        try:
            return zlib.compress(bytes(anyhow(rng, bytearray(zlib.decompress(bytes(body))) or bytearray(1))))
        except zlib.error:
            pass
    return anyhow(rng, bytearray(body) or bytearray(1))


def tagged(rng, data):
    "A TIFF one of whose entries has another tag, type, count or value."
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack(order + "H", data[2:4])[0] == 43
    at = struct.unpack(order + ("Q" if big else "I"), data[8:16] if big else data[4:8])[0]
    count = struct.unpack(order + "H", data[at:at + 2])[0]
    place = at + (8 if big else 2) + int(rng.integers(max(count, 1))) * (20 if big else 12)
    field, size = [(0, 2), (2, 2), (4, 8 if big else 4), (12 if big else 8, 8 if big else 4)][rng.integers(4)]
    value = [*EDGES, *range(1, 14), len(data), 254, 258, 262, 273, 277, 317, 320, 322, 330, 338, 339, 34665][rng.integers(len(EDGES) + 25)]
    data[place + field:place + field + size] = (value % 256**size).to_bytes(size, "little" if order == "<" else "big")
    return data


def segmented(rng, data):
    "A JPEG one of whose segments has another length, another marker or other bytes."
    starts = [at for at in range(2, len(data) - 4) if data[at] == 255 and data[at + 1] not in (0, 255)]
    at = starts[rng.integers(len(starts))]
    kind, length = rng.integers(4), struct.unpack(">H", data[at + 2:at + 4])[0]
    if kind == 0:
        data[at + 2:at + 4] = (int(EDGES[rng.integers(12)]) % 65536).to_bytes(2, "big")
    elif kind == 1:
        data[at + 1] = rng.choice([0xC0, 0xC1, 0xC2, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE])
    elif kind == 2:
        return data[:at] + data[at:at + 2 + length] * int(rng.integers(3)) + data[at + 2 + length:]
    else:
        data[at + 4:at + 2 + length] = anyhow(rng, data[at + 4:at + 2 + length] or bytearray(1))
    return data


GENERAL = flipped, flipped, numbered, numbered, moved, cut
OWN = {b"\x89P": chunked, b"II": tagged, b"MM": tagged, b"\xff\xd8": segmented}


def anyhow(rng, data):
    "`data` (bytearray, not empty) by one of the general ways."
    return GENERAL[rng.integers(len(GENERAL))](rng, data)


def mutated(rng, seeds):
    "(suffix, bytes) of one of `seeds`, changed in one to three ways, now and then under another name or joined to another."
    suffix, data = seeds[rng.integers(len(seeds))]
    data = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        own = next((way for start, way in OWN.items() if data.startswith(start)), anyhow)
        try:
            data = bytearray((own if rng.random() < 0.6 else anyhow)(rng, data or bytearray(1)))
        except (struct.error, IndexError, ValueError):  # it is so damaged that it has no parts any more
            data = bytearray(anyhow(rng, data or bytearray(1)))
    if rng.random() < 0.02:
        other = seeds[rng.integers(len(seeds))][1]
        data = data[:rng.integers(len(data) + 1)] + other[rng.integers(len(other)):]
    return (str(rng.choice(SUFFIXES)) if rng.random() < 0.05 else suffix), bytes(data)
