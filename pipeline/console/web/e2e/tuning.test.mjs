// The operator's day in a real browser against a whole demo: a slogan seen this
// morning is added, tried, back-tested, published, flags, and is taken back.
// cmd/netra's TestTuningInBrowser runs it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_PASSWORD, NETRA_ANALYST_PASSWORD, NETRA_PROGRAM, NETRA_DIR } = process.env;
const harness = new Harness();
const slogan = "nyalakan lentera tirta";
let page, analyst, posts = 0;

// own is the environment without what these tests are told: netra knows all of
// its own variables, and refuses others.
const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NETRA_")));

// say brings posts of a roster account into the queue, as `netra import` does.
async function say(...texts) {
  const file = join(NETRA_DIR, `said-${++posts}.jsonl`);
  await writeFile(file, texts.map((text, i) => JSON.stringify({
    id: `instagram:e2e-${posts}-${i}`, platform: "instagram", kind: "post", account: { id: "58201989851", handle: "@yuliana.ranu", name: "Yuliana Ranu" },
    url: `https://instagram.example/p/e2e-${posts}-${i}`, text, created_at: "2024-11-10T08:58:19+08:00",
  })).join("\n") + "\n");
  await promisify(execFile)(NETRA_PROGRAM, ["import", file], { env: { ...own, NETRA_TEST_AS_NETRA: "1", NETRA_DATA_DIR: NETRA_DIR } });
}

const flash = (text) => page.locator("#flash").getByText(text).waitFor();

before(async () => {
  await harness.start();
  page = await harness.person();
  analyst = await harness.person();
  await logIn(page, NETRA_URL, "operator", NETRA_PASSWORD);
  await logIn(analyst, NETRA_URL, "analyst", NETRA_ANALYST_PASSWORD);
  await say(`Pagi semua, ${slogan}!`, `${slogan} bersama kita`, "Rapat sekolah hari ini lancar");
});
after(() => harness.stop());

async function inQueue(words) {
  await analyst.goto(`${NETRA_URL}/queue?status=all&q=${encodeURIComponent(words)}`);
  return analyst.locator("[data-row]").count();
}

async function eventually(what, ask) {
  for (let i = 0; i < 80; i++) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail(`in vain: ${what}`);
}

test("the lists in force are told", async () => {
  await page.getByRole("link", { name: "Daftar kata" }).click();
  await page.getByRole("heading", { level: 1, name: "Daftar kata" }).waitFor();
  await page.getByText("Berlaku di proses ini").waitFor();
  await page.getByRole("link", { name: "Terbitan 1" }).first().waitFor();
  await look(page, "tuning");
});

test("a draft is made, its rules are searched", async () => {
  await page.getByLabel("Nama rancangan").fill("slogan pagi");
  await page.getByRole("textbox", { name: "Alasan" }).fill("Slogan lentera terlihat di Instagram pagi ini");
  await page.getByRole("button", { name: "Buat dari yang berlaku" }).click();
  await page.getByText("Rancangan ini belum mengubah apa pun.").waitFor();
  await page.getByLabel(/Cari kata/).fill("coblos");
  await page.waitForURL(/q=coblos/);
  await page.getByRole("link", { name: "support/vote-for" }).waitFor();
  await page.goto(`${NETRA_URL}/tuning/drafts/slogan%20pagi`);
  await look(page, "tuning-draft-new");
});

test("a rule that is wrong says so while it is written", async () => {
  await page.getByRole("link", { name: "Aturan baru" }).click();
  await page.getByLabel("Tempatnya").or(page.getByLabel("Daftar", { exact: true })).first().waitFor();
  await page.getByLabel("Daftar", { exact: true }).selectOption("keywords/support.yaml");
  await page.getByLabel("Nama aturan").fill("slogan-lentera");
  await page.getByLabel("Kata atau frasa pemicu").fill(slogan);
  await page.getByLabel("Bobot").fill("3");
  await page.locator("#rule-check").getByText("angka di atas 0, paling besar 1").waitFor();
  await page.getByLabel("Bobot").fill("0,8");
  await page.getByLabel("Contoh yang harus ditandai").fill(`ayo ${slogan}`);
  await page.getByLabel("Contoh yang tidak boleh ditandai").fill(`${slogan} kami tolak\nlampu lentera di beranda`);
  await page.getByLabel("Keterangan bagi analis (Indonesia)").fill("slogan pendukung nomor 2");
  await page.getByLabel("Keterangan bagi analis (Inggris)").fill("slogan of the supporters of number 2");
  await page.locator("#rule-check .fails").getByText("kami tolak").waitFor();
  await look(page, "tuning-rule");
  await page.getByLabel("Contoh yang tidak boleh ditandai").fill("lampu lentera di beranda");
  await page.locator("#rule-check.good").waitFor();
  await page.getByRole("button", { name: "Simpan ke rancangan" }).click();
  await flash("Tersimpan di rancangan");
  await page.getByRole("heading", { level: 1, name: "support/slogan-lentera" }).waitFor();
});

test("the file as text is the same thing", async () => {
  await page.getByRole("link", { name: "Ubah berkasnya sebagai teks" }).click();
  const text = await page.getByLabel("Isi berkas").inputValue();
  assert.match(text, /- id: slogan-lentera\n {4}description: \{id: "slogan pendukung nomor 2"/);
  assert.match(text, /^list: support\nlabel: support\n/);
  await page.getByLabel("Isi berkas").fill(text.replace("label: support", "label: suport"));
  await page.getByRole("button", { name: "Periksa" }).click();
  await page.getByText("maksud Anda “support”?").waitFor();
  await look(page, "tuning-file");
});

test("a text is tried against the draft and what is in force", async () => {
  await page.getByRole("link", { name: "Coba teks" }).click();
  await page.getByLabel("Teks unggahan").fill(`Bapak ibu, ${slogan}! Ayo nyoblos ramai-ramai.`);
  await page.locator("#side-draft").waitFor();
  await page.locator("section[aria-labelledby=side-draft] mark").getByText(slogan, { exact: false }).waitFor();
  await page.locator("section[aria-labelledby=side-published]").getByText("Tidak ditandai").waitFor();
  await page.locator("section[aria-labelledby=side-draft] .nearly").getByText(/tidak ada @contestant dalam jarak 6 kata/).first().waitFor();
  await page.getByLabel("Teks unggahan").fill("ASN dilarang mengajak coblos nomor 2");
  await page.locator("section[aria-labelledby=side-draft] .nearly").getByText(/dilarang/).first().waitFor();
  await page.getByLabel("Teks unggahan").fill(`Bapak ibu, ${slogan}! Ayo nyoblos ramai-ramai.`);
  await page.locator("section[aria-labelledby=side-draft] mark").getByText(slogan, { exact: false }).waitFor();
  await look(page, "tuning-try");
});

test("words of a table go into a group", async () => {
  await page.getByRole("link", { name: "Impor kata" }).click();
  await page.getByLabel("Berkas CSV atau XLSX").setInputFiles({ name: "slogan.csv", mimeType: "text/csv", buffer: Buffer.from("no;Slogan\n1;gaspol tirta\n2;tirta menyala\n2;tirta menyala\n") });
  await page.getByRole("button", { name: "Baca berkas" }).click();
  await page.getByText("2 kata dari kolom slogan").waitFor();
  await page.getByLabel("Ke", { exact: true }).selectOption({ label: "Kelompok kata @endorse" });
  await look(page, "tuning-words");
  await page.getByRole("button", { name: "Masukkan ke rancangan" }).click();
  await flash("2 kata baru");
  await look(page, "tuning-draft");
});

test("the back-test shows what the draft adds, and is seen", async () => {
  assert.equal(await page.getByRole("button", { name: "Terbitkan rancangan" }).count(), 0, "nothing is published unseen");
  await page.getByRole("button", { name: "Mulai uji ulang" }).click();
  await page.waitForURL(/\/tuning\/backtests\/\d+$/);
  await page.getByText("Baru ditandai oleh rancangan").waitFor({ timeout: 60_000 });
  await page.getByText("sekarang tercatat sudah dilihat").waitFor();
  assert.ok(await page.locator(".list-added mark").getByText(slogan, { exact: false }).count() >= 1);
  await page.getByText("support/slogan-lentera").first().waitFor();
  await look(page, "tuning-backtest");
});

test("it is published, and flags", async () => {
  assert.equal(await inQueue("lentera"), 0);
  await page.getByRole("link", { name: "Ke rancangan slogan pagi" }).click();
  await page.getByRole("button", { name: "Terbitkan rancangan" }).click();
  await flash("Terbitan 2 sekarang berlaku");
  await eventually("it is in force here", async () => {
    await page.goto(`${NETRA_URL}/tuning`);
    return await page.getByText("Berlaku di proses ini").count() > 0;
  });
  await look(page, "tuning-published");
  await say(`Sore semua, ${slogan} lagi`);
  await eventually("the new post is flagged", async () => await inQueue("lentera") === 1);
  await analyst.locator("[data-row]").first().click();
  await analyst.getByText("slogan pendukung nomor 2").waitFor();
});

test("it is taken back, and flags no more", async () => {
  await page.getByRole("link", { name: /Kembalikan 1/ }).click();
  await page.locator(".changes").getByText("support/slogan-lentera").first().waitFor();
  await look(page, "tuning-rollback");
  await page.getByLabel("Mengapa dikembalikan").fill("Menandai salam biasa");
  await page.getByRole("button", { name: "Kembalikan sekarang" }).click();
  await flash("Terbitan 3 mengembalikan");
  await eventually("it is in force here", async () => {
    await page.goto(`${NETRA_URL}/tuning`);
    return await page.getByText("Berlaku di proses ini").count() > 0;
  });
  await say(`Malam semua, ${slogan} terus`, "Ayo coblos nomor 3 besok, jangan lupa lentera");
  await eventually("the workers go on", async () => await inQueue("lentera") === 2);
  await inQueue("lentera");
  assert.deepEqual((await analyst.locator("[data-row]").allTextContents()).filter((text) => text.includes("Malam")), [], "what was taken back flags nothing");
});

test("two operators at once lose nothing", async () => {
  await page.goto(`${NETRA_URL}/tuning`);
  await page.getByLabel("Nama rancangan").fill("berdua");
  await page.getByRole("button", { name: "Buat dari yang berlaku" }).click();
  await page.getByRole("link", { name: "support/wish-win" }).click();
  const other = await page.context().newPage();
  harness.watch(other);
  await other.goto(page.url());
  await other.getByLabel("Bobot").fill("0.55");
  await other.getByRole("button", { name: "Simpan ke rancangan" }).click();
  await other.getByText("Tersimpan di rancangan").waitFor();
  await other.close();
  await page.getByLabel("Keterangan bagi analis (Indonesia)").fill("harapan menang bagi peserta");
  await page.getByRole("button", { name: "Simpan ke rancangan" }).click();
  await page.getByRole("heading", { name: "Diubah orang lain" }).waitFor();
  await look(page, "tuning-conflict");
  assert.equal(await page.getByLabel("Keterangan bagi analis (Indonesia)").inputValue(), "harapan menang bagi peserta");
  assert.equal(await page.getByLabel("Bobot").inputValue(), "0.55", "what the other one changed is not undone");
  await page.getByRole("button", { name: "Simpan ke rancangan" }).click();
  await flash("Tersimpan di rancangan");
});

test("every page works without scripts and in English", async () => {
  const plain = await harness.person({ javaScriptEnabled: false });
  await plain.goto(NETRA_URL);
  await plain.getByLabel("Nama pengguna").fill("operator");
  await plain.getByLabel("Kata sandi").fill(NETRA_PASSWORD);
  await plain.getByRole("button", { name: "Masuk" }).click();
  await plain.goto(`${NETRA_URL}/tuning/drafts/berdua/try?lang=en`);
  await plain.getByLabel("Text of the post").fill("ayo coblos nomor 2");
  await plain.getByRole("button", { name: "Try", exact: true }).click();
  await plain.getByRole("heading", { name: "In force" }).waitFor();
  await plain.getByText("alleged support").first().or(plain.getByText("Alleged support").first()).first().waitFor();
  await plain.goto(`${NETRA_URL}/tuning/drafts/berdua/rule?file=keywords/support.yaml&id=vote-for`);
  await plain.getByLabel("Weight").fill("2");
  await plain.getByRole("button", { name: "Check", exact: true }).click();
  await plain.getByText("a number above 0, at most 1").first().waitFor();
  await plain.goto(`${NETRA_URL}/tuning/drafts/berdua/thresholds?lang=id`);
  await plain.context().close();
  await page.goto(`${NETRA_URL}/tuning/drafts/berdua/thresholds`);
  await look(page, "tuning-thresholds");
  await page.goto(`${NETRA_URL}/tuning/drafts/berdua/suggest`);
  await page.getByText("Belum ada kata yang cukup menonjol").waitFor();
  await page.getByLabel("Frasa, satu sampai empat kata").fill("gaspol");
  await page.getByRole("button", { name: "Cari" }).click();
  await page.getByLabel(/gas pol/).check();
  await page.getByLabel("Ke", { exact: true }).selectOption({ label: "Kelompok kata @endorse" });
  await look(page, "tuning-suggest");
  await page.getByRole("button", { name: "Masukkan ke rancangan" }).click();
  await flash("1 kata baru");
  await page.goto(`${NETRA_URL}/tuning/drafts/berdua/group?file=keywords/groups.yaml&name=@vote`);
  await look(page, "tuning-group");
});

test("nothing went wrong on the way", () => assert.deepEqual(harness.complaints, []));
