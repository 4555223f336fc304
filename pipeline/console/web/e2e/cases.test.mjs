// A case in a real browser: from a post to the exported pack. Started by
// TestCasesInBrowser (cases_test.go), which serves a console with flagged posts
// and their evidence.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_PASSWORD } = process.env;
const harness = new Harness();
let andi;
let bos;

before(async () => {
  await harness.start();
  [andi, bos] = [await harness.person({ acceptDownloads: true }), await harness.person()];
  await logIn(andi, NETRA_URL, "andi", NETRA_PASSWORD);
  await logIn(bos, NETRA_URL, "bos", NETRA_PASSWORD);
});
after(() => harness.stop());

test("a confirmed post becomes a case by the keyboard", async () => {
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await andi.keyboard.press("b");
  await andi.waitForURL((address) => !address.pathname.endsWith("mastodon:1093") && !address.pathname.endsWith("mastodon%3A1093"));
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await andi.locator("#cases").waitFor();
  await andi.keyboard.press("v");
  await andi.getByRole("heading", { level: 1, name: "Kasus baru" }).waitFor();
  await andi.getByLabel("Catatan pertama").fill("Akun sudah dicocokkan dengan daftar pegawai.");
  await look(andi, "case-new");
  await andi.getByRole("button", { name: "Buat kasus" }).click();
  await andi.getByText(/Kasus \d{4}\/61\/0001 dibuat/).waitFor();
});

test("notes, and the way to the agency", async () => {
  await andi.keyboard.press("n");
  await andi.keyboard.type("Tangkapan layar lengkap; saksi belum ada.");
  await andi.getByRole("button", { name: "Simpan catatan" }).click();
  await andi.getByText("Catatan disimpan.").waitFor();
  await look(andi, "case-open");
  await andi.getByRole("button", { name: "Tandai siap diserahkan" }).click();
  await andi.getByText("Kasus siap diserahkan.").waitFor();
  await andi.getByLabel("Nomor pada instansi penerima").fill("B-77/XI/2026");
  await andi.getByRole("button", { name: "Catat penyerahan" }).click();
  await andi.getByText("Penyerahan dicatat.").waitFor();
});

test("the pack is downloaded, and the page says so", async () => {
  await andi.getByText("Cara memeriksa paket").click();
  const [download] = await Promise.all([andi.waitForEvent("download"), andi.getByRole("button", { name: "Unduh paket bukti" }).click()]);
  assert.match(download.suggestedFilename(), /^netra-kasus-\d{4}-61-0001-.*\.zip$/);
  const data = await readFile(await download.path());
  assert.equal(data.subarray(0, 2).toString(), "PK");
  await andi.getByRole("button", { name: "Unduh paket bukti" }).and(andi.locator(":enabled")).waitFor();
  await andi.reload();
  await andi.getByText("Paket bukti diekspor").waitFor();
  await look(andi, "case-handed");
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await look(andi, "item-with-case");
});

test("a supervisor finds the case, holds it and closes it", async () => {
  await bos.getByRole("link", { name: "Kasus", exact: true }).click();
  await bos.getByRole("link", { name: /^Diserahkan/ }).click();
  await bos.keyboard.press("/");
  await bos.keyboard.type("b-77");
  await bos.keyboard.press("Enter");
  await bos.getByText("1 kasus").waitFor();
  await look(bos, "cases");
  await bos.locator(".row-link").first().click();
  await bos.locator("summary", { hasText: "Tahan" }).click();
  await bos.locator("#hold-reason").fill("perkara di pengadilan");
  await bos.getByRole("button", { name: "Tahan", exact: true }).click();
  await bos.getByText("Kasus ditahan").waitFor();
  await bos.locator("summary", { hasText: "Tutup kasus" }).click();
  await bos.getByRole("button", { name: "Tutup kasus", exact: true }).click();
  await bos.getByText("Kasus ditutup.").waitFor();
  await look(bos, "case-closed");
});

test("in English", async () => {
  await bos.goto(`${bos.url()}?lang=en`);
  await bos.getByText("Legal hold").first().waitFor();
  await look(bos, "case-english");
});

test("nothing was complained about", () => assert.deepEqual(harness.complaints, []));
