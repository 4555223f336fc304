// The proof of work of the public's form: a number N such that SHA-256 of
// "CHALLENGE:N" begins with so many zero bits. It is looked for when somebody
// begins to write, in small steps, so that the page stays quick.
export function startProof() {
  const form = document.querySelector("form[data-proof]");
  if (!form) return;
  const state = form.querySelector("[data-proof-state]");
  let work;
  const begin = () => (work ??= solve(form.dataset.proof, Number(form.dataset.bits)));
  form.addEventListener("input", begin, { once: true });
  form.addEventListener("submit", async (event) => {
    if (form.elements.nonce.value) return;
    event.preventDefault();
    state.textContent = form.dataset.working;
    form.elements.nonce.value = String(await begin());
    form.submit();
  });
}

async function solve(challenge, bits) {
  for (let from = 0; ; from += 4000) {
    for (let n = from; n < from + 4000; n++) {
      if (zeros(sha256(`${challenge}:${n}`)) >= bits) return n;
    }
    await new Promise((next) => setTimeout(next));
  }
}

function zeros(words) {
  let count = 0;
  for (const word of words) {
    count += Math.clz32(word);
    if (word !== 0) break;
  }
  return count;
}

// The constants of FIPS 180-4, computed as it defines them: the first 32 bits of
// the fractional parts of the roots of the first primes.
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const H = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const W = new Int32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

// sha256 hashes a text of ASCII characters, into eight words. crypto.subtle would
// do it, but one call at a time, and not on pages without TLS.
export function sha256(text) {
  const blocks = (text.length + 72) >> 6;
  const bytes = new Uint8Array(blocks * 64);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, text.length * 8);
  const sum = Int32Array.from(H);
  for (let at = 0; at < bytes.length; at += 64) {
    for (let i = 0; i < 16; i++) W[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const a = W[i - 15], b = W[i - 2];
      W[i] = (W[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + W[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = sum;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g, g = f, f = e, e = (d + one) | 0, d = c, c = b, b = a, a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (sum[i] = (sum[i] + word) | 0));
  }
  return sum;
}
