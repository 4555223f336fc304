// Captures, the public's page and the inbox in a real browser. Started by
// TestCaptureInBrowser (browser_capture_test.go), which serves the console and
// says where in the environment.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Harness, logIn, look, widths } from "./harness.mjs";

const { NETRA_URL, NETRA_USER, NETRA_PASSWORD } = process.env;
const harness = new Harness();
const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==", "base64");
const picture = (name) => ({ name, mimeType: "image/png", buffer: pixel });
let rina, plain, citizen;

before(async () => {
  await harness.start();
  rina = await harness.person();
  plain = await harness.person({ javaScriptEnabled: false, viewport: widths.phone });
  citizen = await harness.person();
  await logIn(rina, NETRA_URL, NETRA_USER, NETRA_PASSWORD);
});
after(() => harness.stop());

test("the bookmarklet fills in the page, and a capture is sent", async () => {
  const query = new URLSearchParams({ url: "https://www.instagram.com/sumarni.guru/p/Cx_9/?igsh=1", title: "Judul", text: "Ayo coblos nomor 2 <b>ya</b>" });
  await rina.goto(`${NETRA_URL}/capture?${query}`);
  assert.equal(await rina.getByLabel("Teks yang ditulis akun itu").inputValue(), "Ayo coblos nomor 2 <b>ya</b>");
  assert.equal(await rina.getByLabel("Platform").inputValue(), "instagram");
  await rina.getByRole("radio", { name: /sumarni\.guru/ }).waitFor();
  assert.ok(await rina.getByRole("radio", { name: /sumarni\.guru/ }).isChecked());
  const code = await rina.locator("[data-bookmarklet]").getAttribute("href");
  assert.match(decodeURIComponent(code), /^javascript:\(function\(\)\{.*\/capture\?url=/);
  await rina.getByLabel("Tangkapan layar dan rekaman").setInputFiles([picture("layar.png"), { name: "besar.png", mimeType: "image/png", buffer: Buffer.alloc(80_000, 1) }]);
  await rina.getByText("besar.png · 79 KB · terlalu besar").waitFor();
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  assert.ok(rina.url().includes("/capture?"), "what the server would refuse is not sent");
  await rina.getByLabel("Tangkapan layar dan rekaman").setInputFiles([picture("layar.png")]);
  await look(rina, "capture");
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  await rina.getByText("Masuk antrean").waitFor();
  assert.equal(await rina.getByRole("link", { name: /instagram\.com/ }).count(), 0, "the link is text");
  await look(rina, "captured");
});

test("the bookmarklet works on a page with a strict policy", async () => {
  await rina.goto(`${NETRA_URL}/capture`);
  const code = decodeURIComponent((await rina.locator("[data-bookmarklet]").getAttribute("href")).replace("javascript:", ""));
  await rina.goto(`${NETRA_URL}/queue`); // default-src 'none'
  const [opened] = await Promise.all([rina.context().waitForEvent("page"), rina.evaluate((script) => (0, eval)(script), code).catch(() => rina.evaluate(code))]);
  await opened.getByRole("heading", { level: 1, name: "Tangkap" }).waitFor();
  assert.equal(await opened.getByLabel("Tautan unggahan").inputValue(), `${NETRA_URL}/queue`);
  await opened.close();
});

test("a link that was captured is recognised before it is sent", async () => {
  await rina.goto(`${NETRA_URL}/capture?${new URLSearchParams({ url: "https://instagram.com/reel/Cx_9" })}`);
  await rina.getByText("Tautan ini sudah pernah ditangkap.").waitFor();
  await look(rina, "capture-again");
  await rina.getByLabel(/Nama akun/).fill("sumarni");
  await rina.getByRole("radio", { name: /sumarni\.guru/ }).waitFor();
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  await rina.getByText("Tautan ini sudah pernah ditangkap.").waitFor();
});

test("wrong files and strangers are explained, and nothing is lost", async () => {
  await rina.goto(`${NETRA_URL}/capture`);
  await rina.getByLabel("Tautan unggahan").fill("javascript:alert(1)");
  await rina.getByLabel(/Nama akun/).fill("orang.tak.dikenal");
  await rina.getByText("Tidak ada akun yang cocok.").waitFor();
  await rina.getByLabel("Teks yang ditulis akun itu").fill("halo </textarea><script>alert(1)</script>");
  await rina.getByLabel("Tangkapan layar dan rekaman").setInputFiles([picture("layar.png"), { name: "jahat.png", mimeType: "image/png", buffer: Buffer.from("<html><script>alert(1)</script>") }]);
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  await rina.getByRole("alert").getByText("jahat.png: jenis berkas ini tidak diterima.").waitFor();
  assert.equal(await rina.getByLabel("Teks yang ditulis akun itu").inputValue(), "halo </textarea><script>alert(1)</script>");
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  await rina.getByRole("alert").getByText("Tautan bukan alamat web").waitFor();
  await rina.getByRole("checkbox", { name: /layar\.png/ }).waitFor();
  assert.ok(await rina.locator(".kept img").evaluate((img) => img.complete && img.naturalWidth === 1), "the picture is shown");
  await look(rina, "capture-wrong");
  await rina.getByRole("button", { name: "Simpan sebagai aduan" }).click();
  await rina.getByRole("status").getByText("Tersimpan di kotak aduan").waitFor();
});

test("the public reports with proof of work", async () => {
  await citizen.goto(`${NETRA_URL}/lapor`);
  await citizen.getByRole("heading", { level: 1, name: "Posko pengaduan" }).waitFor();
  await look(citizen, "lapor");
  await citizen.getByLabel("Tautan unggahan").fill("https://www.tiktok.com/@wulan_p/video/73");
  await citizen.getByLabel("Apa yang Anda lihat").fill("Perawat RSUD memakai seragam dinas, mengajak memilih nomor 2.\n<img src=x onerror=alert(1)>");
  await citizen.getByLabel(/Kontak Anda/).fill("0812-0000-0000");
  await citizen.getByRole("button", { name: "Kirim laporan" }).click();
  await citizen.getByText("Terima kasih, laporan Anda sudah diterima.").waitFor();
  await look(citizen, "lapor-thanks");
  await citizen.goto(`${NETRA_URL}/tips`);
  assert.match(citizen.url(), /\/login/);
});

test("without scripts it works after a delay, on a telephone", async () => {
  await plain.goto(`${NETRA_URL}/lapor`);
  await plain.getByText(/Peramban Anda tidak menjalankan skrip/).waitFor();
  await plain.getByLabel("Apa yang Anda lihat").fill("Camat mengajak pilih nomor 1");
  await plain.getByRole("button", { name: "Kirim laporan" }).click();
  await plain.getByRole("alert").getByText(/Tunggu \d+ detik lagi/).waitFor();
  assert.equal(await plain.getByLabel("Apa yang Anda lihat").inputValue(), "Camat mengajak pilih nomor 1");
  await plain.screenshot({ path: `${process.env.NETRA_ARTIFACTS}/lapor-early-390.png`, fullPage: true });
  await plain.waitForTimeout(20_500);
  await plain.getByRole("button", { name: "Kirim laporan" }).click();
  await plain.getByText("Terima kasih, laporan Anda sudah diterima.").waitFor();
});

test("a tip is looked at, accepted and captured", async () => {
  await rina.goto(`${NETRA_URL}/tips`);
  await rina.getByText("Yang paling lama menunggu").waitFor();
  await look(rina, "tips");
  await rina.locator("li.row", { hasText: "Perawat RSUD" }).getByRole("link").click();
  await rina.getByText("<img src=x onerror=alert(1)>").waitFor();
  assert.equal(await rina.getByRole("link", { name: /tiktok/ }).count(), 0, "a stranger's link is text");
  assert.ok(!(await rina.content()).includes("0812"), "the contact is not there before somebody asks");
  await rina.getByRole("button", { name: "Tampilkan kontak" }).click();
  await rina.getByText("0812-0000-0000").waitFor();
  await look(rina, "tip");
  await rina.getByRole("button", { name: "Terima dan tangkap" }).click();
  await rina.getByText("Aduan diterima. Lengkapi dan kirim tangkapannya.").waitFor();
  assert.equal(await rina.getByLabel("Tautan unggahan").inputValue(), "https://www.tiktok.com/@wulan_p/video/73");
  assert.ok(await rina.getByRole("radio", { name: /wulan_p/ }).isChecked());
  await rina.getByLabel("Teks yang ditulis akun itu").fill("Pilih nomor 2");
  await look(rina, "capture-tip");
  await rina.getByRole("button", { name: "Kirim tangkapan" }).click();
  await rina.getByText("Masuk antrean").waitFor();
  await rina.getByRole("link", { name: "Lihat aduannya" }).click();
  await rina.getByText("Sudah ditangkap").waitFor();
});

test("a tip is rejected with a cause, another is spam", async () => {
  await rina.goto(`${NETRA_URL}/tips`);
  await rina.locator("li.row", { hasText: "Camat" }).getByRole("link").click();
  await rina.getByLabel("Alasan").fill("Tidak dapat diperiksa");
  await rina.getByRole("button", { name: "Tolak" }).click();
  await rina.getByRole("status").getByText("ditolak; kontaknya sudah dihapus").waitFor();
  await rina.locator("li.row").first().getByRole("link").click();
  await rina.getByText("Ini bukan alamat web.").waitFor();
  await rina.getByRole("button", { name: "Tandai spam" }).click();
  await rina.getByRole("status").getByText("ditandai spam").waitFor();
  await rina.getByText("Tidak ada aduan di sini.").waitFor();
  await rina.getByRole("link", { name: /Ditolak/ }).click();
  await rina.getByText("Camat").waitFor();
});

test("captures work without scripts, at a telephone's width", async () => {
  await logIn(plain, NETRA_URL, NETRA_USER, NETRA_PASSWORD);
  await plain.goto(`${NETRA_URL}/capture`);
  await plain.getByLabel(/Nama akun/).fill("rahmat");
  await plain.getByLabel("Tangkapan layar dan rekaman").setInputFiles([picture("foto.png")]);
  await plain.getByRole("button", { name: "Cari" }).click();
  await plain.getByRole("radio", { name: /rahmat\.hidayat\.lagi/ }).waitFor();
  await plain.getByRole("checkbox", { name: /foto\.png/ }).waitFor();
  await plain.screenshot({ path: `${process.env.NETRA_ARTIFACTS}/capture-plain-390.png`, fullPage: true });
});

test("the browser had nothing to complain of", () => assert.deepEqual(harness.complaints, []));
