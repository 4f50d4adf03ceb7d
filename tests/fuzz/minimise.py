"""The smallest part of a file that still fails in the same way."""


def minimised(case, fails, tries=300):
    "`case` with blocks left out, then set to 0, halving their length, as long as `fails` says that it fails; at most `tries` attempts."
    data, left = case.data, [tries]

    def still(smaller):
        if smaller == data:
            return False
        left[0] -= 1
        return fails(case._replace(data=smaller))
    for change in (lambda part: b"", lambda part: bytes(len(part))):
        length = max(len(data) // 2, 1)
        while length and left[0] > 0:
            at = 0
            while at < len(data) and left[0] > 0:
                smaller = data[:at] + change(data[at:at + length]) + data[at + length:]
                kept = not still(smaller)
                data = data if kept else smaller
                at += length if kept or change(b"x") else 0
            length //= 2
    return case._replace(data=data)
