// People, rights and the audit log in a real browser. Started by
// TestPeopleInBrowser (browser_people_test.go), which serves the console and says
// where in the environment.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_ADMIN, NETRA_SECRET } = process.env;
const harness = new Harness();
const own = "jendela biru 77";
let admin, sari, password, key, recovery;

before(async () => {
  await harness.start();
  admin = await harness.person();
  sari = await harness.person();
});
after(() => harness.stop());

// code computes a code as a phone does (RFC 6238).
function code(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", bytes).update(counter).digest();
  return String((hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

test("an administrator adds a person and gets a temporary password", async () => {
  await logIn(admin, NETRA_URL, NETRA_ADMIN, NETRA_SECRET);
  await admin.getByRole("heading", { level: 1, name: "Pengguna" }).waitFor();
  await admin.getByRole("link", { name: "Tambah pengguna" }).click();
  await look(admin, "person-new");
  await admin.getByLabel("Nama pengguna").fill("sari");
  await admin.getByLabel("Nama lengkap").fill("Sari Dewi Anggraini, S.IP.");
  await admin.getByLabel("Wilayah kerja").fill("61.08, 99");
  await admin.getByRole("button", { name: "Tambah pengguna" }).click();
  await admin.getByRole("alert").getByText("“99” tidak dikenal").waitFor();
  assert.equal(await admin.getByLabel("Nama lengkap").inputValue(), "Sari Dewi Anggraini, S.IP.", "what was written stays");
  await admin.getByLabel("Wilayah kerja").fill("61.08, 35");
  await admin.getByRole("button", { name: "Tambah pengguna" }).click();
  await admin.getByRole("heading", { name: "Kata sandi sementara" }).waitFor();
  password = await admin.locator("code.secret").textContent();
  await look(admin, "person-password");
  await admin.getByRole("link", { name: "Sudah saya simpan" }).click();
  await admin.getByRole("row", { name: /Sari Dewi.*Kabupaten Landak/ }).waitFor();
  await look(admin, "people");
});

test("the person chooses a password of their own first", async () => {
  await logIn(sari, NETRA_URL, "sari", password);
  await sari.getByRole("heading", { level: 1, name: "Ganti kata sandi" }).waitFor();
  await sari.goto(`${NETRA_URL}/account`);
  await sari.getByRole("heading", { level: 1, name: "Ganti kata sandi" }).waitFor();
  const fill = async (text) => {
    await sari.getByLabel("Kata sandi sekarang").fill(password);
    await sari.getByLabel("Kata sandi baru", { exact: true }).fill(text);
    await sari.getByLabel("Kata sandi baru, sekali lagi").fill(text);
    await sari.getByRole("button", { name: "Simpan kata sandi" }).click();
  };
  await fill("bawaslu-2024!");
  await sari.getByRole("alert").getByText("terlalu umum").waitFor();
  await look(sari, "password");
  await fill(own);
  await sari.getByRole("status").getByText("sudah diganti").waitFor();
  await look(sari, "account");
});

test("a second factor is set up with a phone", async () => {
  await sari.getByRole("link", { name: "Pasang verifikasi dua langkah" }).click();
  key = await sari.locator("code.secret").textContent();
  await look(sari, "totp");
  await sari.getByLabel("Kode enam angka").fill(code(key));
  await sari.getByRole("button", { name: "Pasang" }).click();
  await sari.getByRole("heading", { name: "Kode pemulihan" }).waitFor();
  recovery = await sari.locator("code.secret").allTextContents();
  assert.equal(recovery.length, 10);
  await look(sari, "recovery-codes");
  await sari.getByRole("link", { name: "Sudah saya simpan" }).click();
  await sari.getByText("Terpasang sejak").waitFor();
  await sari.getByRole("button", { name: "Keluar" }).click();
});

test("the login asks for the code", async () => {
  await sari.goto(`${NETRA_URL}/login`);
  await sari.getByLabel("Nama pengguna").fill("sari");
  await sari.getByLabel("Kata sandi").fill(own);
  await sari.getByRole("button", { name: "Masuk" }).click();
  await sari.getByRole("heading", { name: "Kode verifikasi" }).waitFor();
  await sari.getByLabel("Kode", { exact: true }).fill("000000");
  await sari.getByRole("button", { name: "Lanjutkan" }).click();
  await sari.getByRole("alert").waitFor();
  await look(sari, "login-code");
  await sari.getByLabel("Kode", { exact: true }).fill(code(key, 1)); // the code of now was used
  await sari.getByRole("button", { name: "Lanjutkan" }).click();
  await sari.waitForURL((address) => !address.pathname.startsWith("/login"));
});

test("a token is made and shown once", async () => {
  await sari.goto(`${NETRA_URL}/account/tokens`);
  await sari.getByLabel("Untuk apa").fill("Laporan mingguan");
  await sari.getByRole("button", { name: "Buat token" }).click();
  const token = await sari.locator("code.secret").textContent();
  await look(sari, "token-new");
  const me = await (await fetch(`${NETRA_URL}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).json();
  assert.deepEqual([me.name, me.role, me.regions], ["sari", "analyst", ["35", "61.08"]]);
  await sari.getByRole("link", { name: "Sudah saya simpan" }).click();
  await look(sari, "tokens");
  await sari.getByRole("button", { name: "Cabut Laporan mingguan" }).click();
  await sari.getByRole("status").getByText("dicabut").waitFor();
  assert.equal((await fetch(`${NETRA_URL}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).status, 401);
});

test("an ended session leads to the login and back", async () => {
  await admin.getByRole("link", { name: "Sari Dewi" }).click();
  await look(admin, "person");
  await admin.getByRole("button", { name: "Akhiri semua sesi" }).click();
  await admin.getByRole("status").getByText("diakhiri").waitFor();
  await sari.goto(`${NETRA_URL}/account/tokens`);
  await sari.getByText("Sesi Anda sudah berakhir").waitFor();
  await sari.getByLabel("Nama pengguna").fill("sari");
  await sari.getByLabel("Kata sandi").fill(own);
  await sari.getByRole("button", { name: "Masuk" }).click();
  await sari.getByLabel("Kode", { exact: true }).fill(recovery[0]);
  await sari.getByRole("button", { name: "Lanjutkan" }).click();
  await sari.getByRole("heading", { level: 1, name: "Token API" }).waitFor();
});

test("another role holds at once", async () => {
  await sari.goto(`${NETRA_URL}/people`);
  await sari.getByRole("heading", { name: "Halaman ini bukan untuk peran Anda" }).waitFor();
  await look(sari, "forbidden");
  await admin.getByRole("radio", { name: /Administrator/ }).check();
  await admin.getByRole("button", { name: "Simpan" }).click();
  await admin.getByRole("status").getByText("langsung berlaku").waitFor();
  await sari.goto(`${NETRA_URL}/people`);
  await sari.getByRole("heading", { level: 1, name: "Pengguna" }).waitFor();
  await admin.getByRole("checkbox", { name: "Nonaktifkan" }).check();
  await admin.getByRole("button", { name: "Simpan" }).click();
  await admin.getByRole("status").waitFor();
  await sari.goto(`${NETRA_URL}/people`);
  assert.match(sari.url(), /\/login/);
});

test("the audit log tells of it and holds", async () => {
  await admin.goto(`${NETRA_URL}/audit`);
  await admin.getByRole("button", { name: "Periksa sekarang" }).click();
  await admin.getByText(/Utuh\. \d+ catatan diperiksa/).waitFor();
  await admin.getByRole("cell", { name: "hak diubah" }).first().waitFor();
  await look(admin, "audit");
  await admin.getByLabel("Tindakan").selectOption("rights");
  await admin.getByRole("button", { name: "Terapkan" }).click();
  await admin.getByText("analyst → administrator").waitFor();
  assert.equal(await admin.locator("tbody tr").count(), 2);
  const page = await admin.content();
  for (const hush of [password, own, ...recovery]) assert.ok(!page.includes(hush), "no secret is in the log");
});

test("the browser had nothing to complain of", () => assert.deepEqual(harness.complaints, []));
