"""Changes one bit after another of a pack and wants netra_verify.py to see it."""
import contextlib, io, os, pathlib, sys

sys.path.insert(0, os.getcwd())
import netra_verify

path, key, step = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole = pathlib.Path(path).read_bytes()
missed = 0
for bit in range(0, 8 * len(whole), step):
    data = bytearray(whole)
    data[bit // 8] ^= 1 << bit % 8
    pathlib.Path(path).write_bytes(data)
    netra_verify.current[0] = "the pack"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = netra_verify.main(path, key)
    if code != 1:
        print(f"bit {bit % 8} of byte {bit // 8} may be changed: {out.getvalue()}")
        missed += 1
sys.exit(1 if missed else 0)
