#!/usr/bin/env python3
"""Verifies a Netra evidence pack offline: netra_verify.py PACK KEY [TSA-ROOT.pem]

KEY is the agency's public key (name+hash+Base64) or a file with it. This uses Python's
standard library only and nothing of Netra; it follows docs/evidence.md. Exit code 0: the
pack holds; 1: it does not, and the first thing that does not hold is named; 2: usage.
What time stamps say is read here; their signatures are left to `openssl ts`, which is
asked where TSA-ROOT is given. Without it nobody has vouched for their times here.
"""
import base64, datetime as dt, hashlib, json, os, pathlib, re, struct, subprocess, sys, zipfile

HOUR, SKEW, UTC = dt.timedelta(hours=1), dt.timedelta(minutes=2), dt.timezone.utc
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, I = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)

class Fault(Exception): """What does not hold."""
def need(ok, what, why):
    if not ok:
        raise Fault(f"{what}: {why}")

# Ed25519 (RFC 8032), in extended coordinates.
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(s, p):
    q = (0, 1, 1, 0)
    while s:
        q, p, s = add(q, p) if s & 1 else q, add(p, p), s >> 1
    return q
def point(raw):
    y, sign = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * I % P
    need(y < P and x * x % P == x2 and (x or not sign), "the key or a signature", "it is no point of Ed25519")
    return (P - x if x & 1 != sign else x), y, 1, (P - x if x & 1 != sign else x) * y % P
def ed25519(key, text, sig):
    s, k = int.from_bytes(sig[32:], "little"), hashlib.sha512(sig[:32] + key + text).digest()
    base = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    p, q = times(s, base), add(point(sig[:32]), times(int.from_bytes(k, "little") % L, point(key)))
    return len(sig) == 64 and s < L and (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0
# Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint).
def b64(text, what):
    raw = base64.b64decode(text)  # takes more than it should, so compare
    need(base64.b64encode(raw).decode() == text, what, f"{text[:60]!r} is not Base64 as it must be")
    return raw
def open_note(data, key, what):  # with exactly one signature
    m = re.fullmatch("((?:[^\n]*\n)+)\n\u2014 ([^ \n]+) ([^ \n]+)\n", data.decode("utf-8"))
    need(m, what, "it is not a note with one signature")
    sig = b64(m[3], what)
    if key:
        need((m[2], sig[:4]) == key[:2], what, f"it is signed by another key than the one given: {m[2]}")
        need(ed25519(key[2], m[1].encode(), sig[4:]), what, "its signature does not hold")
    return m[1]
def checkpoint(text, what):
    m = re.fullmatch("([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]{44})\n", text) or need(False, what, "it is not a checkpoint")
    return m[1], int(m[2]), b64(m[3], what)
# The Merkle tree of the log (RFC 6962).
def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()
def root_of(number, size, leaf, path):  # the root of the tree with this leaf
    if size == 1 or not path:
        return leaf if size == 1 and not path else b""
    k = 1 << (size - 1).bit_length() - 1
    sub = root_of(*((number, k) if number < k else (number - k, size - k)), leaf, path[:-1])
    return node(sub, path[-1]) if number < k else node(path[-1], sub)
def roots_of(old, size, whole, root, path):  # the roots of the old tree and of the present one
    if old == size or not path:
        return (root, root) if whole and not path else (*path, *path) if not whole and len(path) == 1 else (b"", b"")
    k = 1 << (size - 1).bit_length() - 1
    a, b = roots_of(*((old, k, whole) if old <= k else (old - k, size - k, False)), root, path[:-1])
    return (a, node(b, path[-1])) if old <= k else (node(path[-1], a), node(path[-1], b))
# Time stamps (RFC 3161).
def der(raw):  # the contents of the values
    items, i = [], 0
    while i < len(raw):
        n, at = (raw[i + 1], i + 2) if raw[i + 1] < 128 else (int.from_bytes(raw[i + 2:i + raw[i + 1] - 126], "big"), i + raw[i + 1] - 126)
        items.append(raw[at:(i := at + n)])
    return items
def stamp(raw, signed, what, roots):  # what was stamped, and when
    status, token = der(der(raw)[0])[:2]
    content = der(der(der(token)[1])[0])[2]
    info = der(der(der(der(content)[1])[0])[0])
    need(der(status)[0] in (b"\0", b"\1"), what, "the authority gave no time stamp")
    need(der(info[2])[1] == hashlib.sha256(signed).digest(), what, "it is not the time stamp of its checkpoint")
    at = dt.datetime.strptime(info[4].decode()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if roots:
        given = ["-digest", hashlib.sha256(signed).hexdigest(), "-in", "/dev/stdin", "-CAfile", roots, "-attime", str(int(at.timestamp()))]
        done = subprocess.run(["openssl", "ts", "-verify", *given], input=raw, capture_output=True)
        need(done.returncode == 0, what, "openssl does not verify it: " + done.stderr.decode(errors="replace").strip()[-200:])
    return at
# The pack.
def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "manifest.json", "it has a key twice")
    return dict(pairs)
def moment(text):  # RFC 3339, also with nanoseconds
    text = re.sub(r"\.(\d+)", lambda m: "." + (m[1] + "00000")[:6], text.replace("Z", "+00:00"))
    return dt.datetime.fromisoformat(text)
def verify(path, key, roots):
    z, infos, listing, order, vouched, moments, kept = zipfile.ZipFile(path), {}, "", [], {}, [], {}
    for i in z.infolist():
        need(infos.setdefault(i.filename, i) is i, i.filename, "it is in the pack twice")
    def read(name, sum=None, size=1 << 26, keep=True):
        nonlocal listing
        current[0] = name
        h, n, data = hashlib.sha256(), 0, b""
        with z.open(name) as f:
            while block := f.read(1 << 20):
                h.update(block)
                n, data = n + len(block), data + block if keep else b""
                need(n <= size, name, "it was changed: it is longer than it may be")
        need(sum in (None, h.hexdigest()) and (n == size or not sum), name, "it was changed: it is not the file of the manifest")
        listing += f"{h.hexdigest()} {n} {name}\n"
        order.append((name.encode(), infos[name].CRC, n))
        return data
    raw = read("manifest.json")
    m = json.loads(raw, object_pairs_hook=unique)
    files, stated, named = m["files"], m["statements"], {f["path"]: f for f in m["files"]}
    need(m["format"] == "netra-pack-1" and len(named) == len(files), "manifest.json", "another format, or it names a file twice")
    want = ["manifest.json", "checkpoint.txt", "checkpoint.tsr", "proofs.txt", *(f["path"] for f in files), "signature.txt"]
    want = [name for name in want if m["stamped"] or name != "checkpoint.tsr"]
    for name in want + sorted(set(infos) - set(want)):
        need(name in infos, name, "it is missing: the manifest names it")
        need(name in named or name in want[:4] + want[-1:], name, "the manifest does not name it: it was added")
    signed = read("checkpoint.txt")
    origin, size, root = checkpoint(open_note(signed, key, "checkpoint.txt"), "checkpoint.txt")
    need(origin == m["origin"], "manifest.json", "it is of another log")
    stamps = [(size, stamp(read("checkpoint.tsr"), signed, "checkpoint.tsr", roots), "checkpoint.tsr")] if m["stamped"] else []
    lines, leaves = read("proofs.txt").decode().split("\n"), []
    need(len(lines) == 3 + len(stated) + len(m["earlier"]) and lines[0] + lines[-1] == "netra-proofs-1", "proofs.txt", "a proof too many or too few")
    for line, s in zip(lines[1:], [{"path": "manifest.json", "kind": "pack"}] + stated):
        f, what = line.split(" "), s["path"]
        number, sum = int(f[1]), hashlib.sha256(raw).hexdigest() if what == "manifest.json" else named[what]["sha256"]
        leaf = hashlib.sha256(f"\0netra-leaf-1\n{s['kind']}\n{sum}\n{f[3]}\n".encode()).digest()
        ok = f[0] == "leaf" and f[2] == s["kind"] and f[1:4:2] == [str(number), str(int(f[3]))] and 0 <= number < size
        ok = ok and root_of(number, size, leaf, [b64(h, what) for h in f[4:]]) == root
        need(ok, what, "it is not in the log: its proof does not lead to the signed checkpoint (it, its proof or the log was changed)")
        leaves.append((number, dt.datetime.fromtimestamp(int(f[3]) / 1000, UTC)))
    statements = {s["path"]: (s, leaf) for s, leaf in zip(stated, leaves[1:])}
    for f in files:
        name = f["path"]
        data = kept[name] = read(name, f["sha256"], f["size"], name.startswith(("statements/", "earlier/")))
        if name in statements:
            (s, leaf), told = statements[name], json.loads(data)
            if s["kind"] in ("piece", "decision"):
                need(told["post"] == s.get("post"), name, "it is about another post than the manifest says")
            if s["kind"] == "piece" and "sha256" in told:
                vouched[told["sha256"]] = told["size"]
            if "captured_at" in told or "at" in told:
                bound = not told.get("late") and told.get("kind") not in ("raw", "http", "handed")
                moments.append((name, moment(told.get("captured_at") or told["at"]), *leaf, bound))
    there = {f["sha256"]: f["size"] for f in files if f["path"].startswith("files/" + f["sha256"])}
    need(len(there) == len([n for n in named if n.startswith("files/")]), "manifest.json", "a file is not named by its SHA-256")
    for sum in there.keys() | vouched.keys():
        need(there.get(sum) == vouched.get(sum), "files/" + sum, "the file and the statement that vouches for it are not both there")
    for n, line in zip(m["earlier"], lines[2 + len(stated):]):
        name, line = f"earlier/{n}.txt", line.split(" ")
        got = checkpoint(open_note(kept[name], None, name), name)
        need(got[:2] == (origin, n) and line[:2] == ["checkpoint", str(n)] and 0 < n <= size, name, "it is not the checkpoint of its proof")
        ok = roots_of(n, size, True, got[2], [b64(h, name) for h in line[2:]]) == (got[2], root)
        need(ok, name, "the log was rewritten: its first leaves are not those of the checkpoint that was time-stamped")
        stamps.append((n, stamp(kept[name[:-3] + "tsr"], kept[name], name[:-3] + "tsr", roots), name[:-3] + "tsr"))
    stamps.sort()
    for a, b in zip(stamps, stamps[1:]):
        need(a[0] <= b[0] and b[1] >= a[1] - SKEW, b[2], "it is older than the time stamp of a shorter log")
    for name, at, leaf, sealed, bound in moments:
        low, high = [s[1] for s in stamps if s[0] <= leaf][-1:], [s[1] for s in stamps if s[0] > leaf][:1]
        need(not high or max(at, sealed) <= high[0] + SKEW, name, f"it is said to be of {at}, sealed {sealed}, after the time stamp that covers it")
        need(at <= sealed + SKEW and (not low or sealed >= low[0] - SKEW), name, f"it is said to be of {at}, sealed {sealed}, before it can have been")
        need(not bound or at >= max([sealed, *low]) - HOUR, name, f"back-dated, or sealed late: it is said to be of {at}, but was sealed at {sealed}")
    listed = hashlib.sha256(listing.encode()).hexdigest()  # before the signature is read, which is not in it
    need(open_note(read("signature.txt"), key, "signature.txt") == f"netra-pack-1\n{listed}\n", "signature.txt", "it is not of the files of this pack")
    offset, central = 0, b""
    with open(path, "rb") as f:  # there is one way to write the ZIP, to the last bit
        for name, crc, n in order:
            head = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, crc, n, n, len(name), 0)
            f.seek(offset)
            need(f.read(30 + len(name)) == b"PK\3\4" + head + name, name.decode(), "its header was changed: the ZIP was packed anew")
            central += b"PK\1\2\x14\0" + head + bytes(10) + struct.pack("<I", offset) + name
            offset += 30 + len(name) + n
        f.seek(offset)
        end = struct.pack("<4H2IH", 0, 0, len(order), len(order), len(central), offset, 0)
        need(f.read(len(central) + 23) == central + b"PK\5\6" + end, "the ZIP container", "its end was changed: the ZIP was packed anew")
    return f"{len(stated)} statements, {len(there)} files, time stamps {[str(s[1]) for s in stamps]}"
def main(path, key, roots=None):
    text = (pathlib.Path(key).read_bytes() if os.path.isfile(key) else key.encode()).decode("utf-8-sig", "replace").strip()
    m = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(A[Q-Za-f][A-Za-z0-9+/]{42})", text)
    if not m or not os.path.isfile(path):
        return print("usage: PACK is no file" if m else "usage: KEY is neither a public key nor a file with one", file=sys.stderr) or 2
    try:
        return print("HOLDS:", verify(path, (m[1], bytes.fromhex(m[2]), base64.b64decode(m[3])[1:]), roots), "key", hashlib.sha256(text.encode()).hexdigest()) or 0
    except Exception as e:  # also whatever makes a part unreadable
        why = e if isinstance(e, Fault) else f"{current[0]}: it cannot be read: {e!r}"
        return print("DOES NOT HOLD:", "".join(c if c.isprintable() else "?" for c in str(why))) or 1
current = ["the pack"]
if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else print(__doc__) or 2)
