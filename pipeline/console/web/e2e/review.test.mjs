// The queue and the items in it, in a real browser. Started by
// TestReviewInBrowser (review_browser_test.go), which serves the consoles.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

// Main: a full queue. Second: every confirmed item needs a second analyst.
const { NETRA_URL, NETRA_SECOND_URL, NETRA_EMPTY_URL, NETRA_PASSWORD, NETRA_SUPERVISOR_PASSWORD, NETRA_REVIEWS } = process.env;
const reviews = Number(NETRA_REVIEWS ?? 50);
const harness = new Harness();
let andi; // an analyst's page

const heading = (page) => page.locator("#heading");
const itemOf = (page) => page.locator("#review").getAttribute("data-item");
const flash = (page, text) => page.locator("#flash").getByText(text).waitFor();
const arrived = (page) => page.locator("#review[data-arrived]").waitFor();
const enter = async (user, url = NETRA_URL, password = NETRA_PASSWORD) => {
  const page = await harness.person();
  await logIn(page, url, user, password);
  return page;
};

// pressed presses a key that leads to another item, and waits for it.
async function pressed(page, ...keys) {
  const before = await itemOf(page);
  for (const key of keys) await page.keyboard.press(key);
  await page.waitForFunction((id) => document.getElementById("review")?.dataset.item !== id && document.querySelector("#review[data-arrived], .queue-head"), before);
}

before(async () => {
  await harness.start();
  andi = await enter("andi");
});
after(() => harness.stop());

test("the day begins with the queue, the most urgent first", async () => {
  await andi.getByRole("heading", { level: 1, name: "Antrean" }).waitFor();
  assert.equal(await andi.locator(".queue-row").count(), 25);
  const scores = await andi.locator(".score-value").allTextContents();
  assert.ok(scores[0].includes("0,9"), `the first is ${scores[0]}`);
  await andi.locator(".queue-row").first().getByText("Belum dibuka").waitFor();
  await look(andi, "queue");
});

test("pages walk the queue without a gap", async () => {
  const seen = new Set();
  for (let more = true; more;) {
    for (const link of await andi.locator("[data-row]").evaluateAll((all) => all.map((a) => a.pathname))) {
      assert.ok(!seen.has(link), `${link} is there twice`);
      seen.add(link);
    }
    const next = andi.getByRole("link", { name: /Berikutnya/ });
    more = await next.count() > 0;
    if (more) {
      const [first] = await andi.locator("[data-row]").evaluateAll((all) => all.map((a) => a.pathname));
      await next.click();
      await andi.waitForFunction((path) => document.querySelector("[data-row]")?.pathname !== path, first);
    }
  }
  assert.equal(`${seen.size} unggahan`, await andi.locator(".found p").first().textContent());
});

test("a filter applies at once, is told, can be removed and be saved", async () => {
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.getByRole("combobox", { name: "Wilayah" }).focus();
  await andi.getByRole("combobox", { name: "Wilayah" }).selectOption("61");
  await andi.getByText(/6 unggahan cocok dengan saringan/).waitFor();
  assert.match(andi.url(), /region=61/);
  assert.equal(await andi.evaluate(() => document.activeElement.id), "filter-region", "the focus stays on the filter");
  await andi.getByRole("combobox", { name: "Dugaan" }).selectOption("support");
  await andi.getByText(/5 unggahan cocok dengan saringan/).waitFor();
  await andi.getByLabel("Simpan saringan ini sebagai").fill(`Kalbar <b>"dukungan"</b> ' OR 1=1 --`);
  await andi.getByRole("button", { name: "Simpan", exact: true }).click();
  await flash(andi, "tersimpan");
  await look(andi, "queue-filtered");
  await andi.getByRole("link", { name: /Hapus saringan Wilayah/ }).click();
  await andi.waitForURL((url) => !url.search.includes("region"));
  await andi.getByRole("link", { name: /Kalbar <b>/ }).click();
  await andi.getByText(/5 unggahan cocok dengan saringan/).waitFor();
  await andi.getByRole("button", { name: /Hapus saringan “Kalbar/ }).click();
  await flash(andi, "dihapus");
  assert.equal(await andi.getByRole("link", { name: /Kalbar <b>/ }).count(), 0);
});

test("the search finds words and phrases", async () => {
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.keyboard.press("/");
  assert.equal(await andi.evaluate(() => document.activeElement.id), "filter-q");
  await andi.keyboard.type("serangan fajar");
  await andi.keyboard.press("Enter");
  await andi.getByText(/1 unggahan cocok dengan saringan/).waitFor();
  await andi.getByText("Serangan fajar sudah siap").waitFor();
  await andi.goto(`${NETRA_URL}/queue?q=${encodeURIComponent(`' OR 1=1 --"><script>alert(1)</script>`)}&label=nope&status=nope&from=kemarin`);
  await andi.getByRole("heading", { name: "Tidak ada yang cocok" }).waitFor();
  await andi.getByText("Status “nope” tidak dikenal").waitFor();
  await look(andi, "queue-nothing");
});

test("a row is reached and opened by keys", async () => {
  await andi.goto(`${NETRA_URL}/queue`);
  for (const key of ["j", "j", "ArrowDown", "k"]) await andi.keyboard.press(key);
  const row = await andi.evaluate(() => [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement));
  assert.equal(row, 1);
  await andi.keyboard.press("x");
  await andi.getByText("Dipilih: 1").waitFor();
  await look(andi, "queue-picked", { whole: false });
  await andi.keyboard.press("x");
  const href = await andi.evaluate(() => document.activeElement.pathname);
  await andi.keyboard.press("Enter");
  await andi.waitForURL((url) => url.pathname === href);
  await andi.keyboard.press("q");
  await andi.waitForURL(/\/queue/);
});

test("an item tells all that a decision needs", async () => {
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await andi.getByRole("heading", { level: 1, name: "Dugaan dukungan" }).waitFor();
  assert.deepEqual(await andi.locator(".verbatim mark").allTextContents(), ["rapatkan barisan", "✌️", "coblos nomor 2, lanjutkan"]);
  await andi.getByText("ajakan memilih dekat penyebutan peserta: menyebut coblos nomor 2").waitFor();
  await andi.getByText("nomor 2, Bernadus Lantang – Rusdi Halim").waitFor();
  await andi.getByText(/Sisa [67] hari/).waitFor(); // opening it has started the clock
  await andi.locator("#item-state").getByText("Anda pegang").waitFor();
  const link = andi.getByRole("link", { name: /Buka di Mastodon/ });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  assert.equal(await andi.locator(".verbatim").first().getAttribute("lang"), "id");
  await look(andi, "item");
  for (const [id, name] of [["facebook:55102", "item-quoted"], ["x:90210", "item-two-labels"], ["youtube:copy-1", "item-copies"]]) {
    await andi.goto(`${NETRA_URL}/items/${encodeURIComponent(id)}`);
    await look(andi, name);
  }
  await andi.getByRole("heading", { name: /Salinan oleh akun lain 4/ }).waitFor();
});

test("the help lists the keys, and letters can be turned off", async () => {
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await arrived(andi);
  await andi.keyboard.press("?");
  await andi.getByRole("dialog", { name: "Pintasan papan tik" }).waitFor();
  await look(andi, "item-keys", { whole: false });
  await andi.getByLabel("Matikan pintasan satu huruf").check();
  await andi.keyboard.press("Escape");
  await andi.keyboard.press("d");
  assert.equal(await andi.locator("details.menu[open]").count(), 0, "d is turned off");
  await andi.evaluate(() => localStorage.clear());
});

test("a key in a field is a letter and nothing else", async () => {
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await arrived(andi);
  await andi.keyboard.press("n");
  await andi.keyboard.type("bcdsuajk?/ catatan");
  assert.equal(await andi.locator("#note").inputValue(), "bcdsuajk?/ catatan");
  assert.equal(await itemOf(andi), "mastodon:1093");
  await andi.keyboard.press("Escape");
  await andi.reload();
  assert.equal(await andi.locator("#note").inputValue(), "bcdsuajk?/ catatan", "a note that was begun is kept");
  await andi.locator("#note").fill("");
});

test("a wrong turn is undone", async () => {
  await andi.goto(`${NETRA_URL}/items/mastodon:1093`);
  await arrived(andi);
  await pressed(andi, "d", "4");
  await flash(andi, "Bukan pelanggaran (Satire atau gurauan)");
  await look(andi, "item-after", { whole: false });
  await andi.keyboard.press("u");
  await andi.waitForURL(/mastodon:1093/);
  await flash(andi, "ditarik kembali");
  await andi.getByText("Keputusan ditarik kembali", { exact: true }).waitFor();
  await andi.locator("#decide").waitFor();
});

test("several are decided at once, and that is undone at once", async () => {
  await andi.goto(`${NETRA_URL}/queue?q=Catatan&sort=oldest`);
  for (let i = 0; i < 3; i++) await andi.locator(".queue input[name=id]").nth(i).check();
  await andi.locator(".bulk summary", { hasText: "Bukan pelanggaran" }).click();
  await look(andi, "queue-bulk", { whole: false });
  await andi.locator(".bulk").getByRole("button", { name: "Bantahan atau penolakan" }).click();
  await flash(andi, "Tersimpan untuk 3 unggahan");
  await andi.getByRole("button", { name: /Urungkan/ }).click();
  await flash(andi, "ditarik kembali");
});

test("copies are decided together with their post", async () => {
  await andi.goto(`${NETRA_URL}/items/${encodeURIComponent("youtube:copy-1")}`);
  await arrived(andi);
  await andi.keyboard.press("x");
  await andi.getByText("juga berlaku untuk salinan").waitFor();
  await pressed(andi, "b");
  await flash(andi, "Tersimpan untuk 5 unggahan: Dugaan pelanggaran");
});

test("a batch is taken and given back", async () => {
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.keyboard.press("g");
  await flash(andi, "unggahan Anda ambil");
  await andi.locator(".queue-row.mine").nth(9).waitFor();
  await look(andi, "queue-mine");
  await andi.keyboard.press("j");
  await andi.keyboard.press("x");
  await andi.getByRole("button", { name: "Pilih semua" }).click();
  await andi.locator(".bulk").getByRole("button", { name: "Lepas" }).click();
  await flash(andi, "dilepas");
});

test("two analysts at once never work on one post, unless one takes over", async () => {
  const budi = await enter("budi");
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.keyboard.press("t");
  await andi.waitForURL(/\/items\//);
  await arrived(andi);
  await budi.keyboard.press("t");
  await budi.waitForURL(/\/items\//);
  await arrived(budi);
  const seen = { andi: new Set([await itemOf(andi)]), budi: new Set([await itemOf(budi)]) };
  for (let i = 0; i < 4; i++) {
    await Promise.all([pressed(andi, "s"), pressed(budi, "s")]);
    seen.andi.add(await itemOf(andi));
    seen.budi.add(await itemOf(budi));
    assert.notEqual(await itemOf(andi), await itemOf(budi));
  }
  assert.equal(seen.andi.size, 5, "what was skipped does not come again");
  const contested = await itemOf(andi);
  await budi.goto(andi.url());
  await budi.getByText("Sedang dikerjakan oleh andi", { exact: true }).waitFor();
  assert.equal(await budi.locator("#decide").count(), 0);
  await look(budi, "item-taken");
  await arrived(budi);
  await budi.keyboard.press("a");
  await flash(budi, "Unggahan ini sekarang Anda kerjakan");
  await andi.locator("#note").fill("catatan yang tidak boleh hilang");
  await andi.keyboard.press("Escape");
  await andi.keyboard.press("b");
  await flash(andi, "Orang lain sedang mengerjakannya");
  assert.equal(await itemOf(andi), contested);
  assert.equal(await andi.locator("#note").inputValue(), "catatan yang tidak boleh hilang");
  await pressed(budi, "d", "1");
  await budi.context().close();
});

test("a session that ends during a review loses no note", async () => {
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.keyboard.press("t");
  await andi.waitForURL(/\/items\//);
  await arrived(andi);
  await andi.waitForLoadState("networkidle");
  const id = await itemOf(andi);
  await andi.locator("#note").fill("belum selesai: periksa foto profil");
  await andi.context().clearCookies({ name: "netra_session" });
  await andi.keyboard.press("Escape");
  await andi.keyboard.press("b");
  await andi.getByRole("dialog", { name: "Sesi berakhir" }).waitFor();
  await look(andi, "item-expired", { whole: false });
  await andi.getByRole("link", { name: "Masuk lagi" }).click();
  await andi.getByLabel("Nama pengguna").fill("andi");
  await andi.getByLabel("Kata sandi").fill(NETRA_PASSWORD);
  await andi.getByRole("button", { name: "Masuk" }).click();
  await arrived(andi);
  assert.equal(await itemOf(andi), id);
  assert.equal(await andi.locator("#note").inputValue(), "belum selesai: periksa foto profil");
  await pressed(andi, "b");
  await flash(andi, "Tersimpan");
});

test("a region's analyst sees that region's posts and nothing else", async () => {
  const kalbar = await enter("kalbar");
  await kalbar.getByRole("heading", { level: 1, name: "Antrean" }).waitFor();
  const where = await kalbar.locator(".queue-who").allTextContents();
  assert.ok(where.length > 0 && where.every((text) => text.includes("Kalimantan Barat")), where.join("\n"));
  for (const path of ["/items/facebook:55102", "/items/facebook:55102/text"]) {
    assert.equal((await kalbar.goto(NETRA_URL + path)).status(), 404);
  }
  await kalbar.goto(`${NETRA_URL}/queue?region=35&status=all`);
  await kalbar.getByRole("heading", { name: "Tidak ada yang cocok" }).waitFor();
  await kalbar.context().close();
});

test("an operator reads and decides nothing", async () => {
  const operator = await enter("oka");
  await operator.goto(`${NETRA_URL}/items/facebook:55102`);
  await operator.getByText("Peran Anda hanya membaca.").waitFor();
  assert.equal(await operator.locator("#decide").count(), 0);
  await look(operator, "item-operator");
  await operator.context().close();
});

test("a second analyst decides blind, and a supervisor settles the conflict", async () => {
  const [first, second, supervisor] = [await enter("andi", NETRA_SECOND_URL), await enter("budi", NETRA_SECOND_URL), await enter("rina", NETRA_SECOND_URL, NETRA_SUPERVISOR_PASSWORD)];
  const address = `${NETRA_SECOND_URL}/items/mastodon:1093`;
  await first.goto(address);
  await arrived(first);
  await first.locator("#note").fill("catatan orang pertama");
  await first.keyboard.press("Escape");
  await pressed(first, "b");
  await flash(first, "Dugaan pelanggaran");
  await first.goto(address);
  await first.getByText("menunggu pendapat analis lain").waitFor();

  await second.goto(address);
  await second.getByText("Ini penilaian kedua").waitFor();
  assert.equal(await second.getByText("catatan orang pertama").count(), 0, "the second analyst does not see the first decision");
  await look(second, "item-second");
  await arrived(second);
  await pressed(second, "d", "2");
  await second.goto(address);
  await second.getByText("Penyelia yang memutuskan").waitFor();

  await supervisor.goto(`${NETRA_SECOND_URL}/queue?status=conflict`);
  await supervisor.locator("[data-row]").first().click();
  await supervisor.getByText("catatan orang pertama").waitFor();
  await look(supervisor, "item-conflict");
  await supervisor.locator("#decide .violation").click();
  await supervisor.waitForURL((url) => !url.pathname.endsWith("mastodon:1093"));
  await supervisor.goto(address);
  await supervisor.getByText("Sudah diputuskan: Dugaan pelanggaran.").waitFor();
  await look(supervisor, "item-decided");

  await supervisor.goto(`${NETRA_SECOND_URL}/items/x:90210`);
  await supervisor.getByRole("combobox", { name: /Tugaskan kepada/ }).selectOption("budi");
  await supervisor.getByRole("button", { name: "Tugaskan" }).click();
  await flash(supervisor, "ditugaskan kepada budi");
  await second.goto(`${NETRA_SECOND_URL}/queue?assignee=me`);
  await second.locator("[data-row]").first().waitFor();
  for (const page of [first, second, supervisor]) await page.context().close();
});

test("the pages are in English, too", async () => {
  const page = await enter("budi");
  await page.goto(`${NETRA_URL}/queue?lang=en`);
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
  await look(page, "queue-english");
  await page.keyboard.press("t");
  await page.waitForURL(/\/items\//);
  await page.getByRole("button", { name: /Alleged violation/ }).waitFor();
  await look(page, "item-english");
  await page.goto(`${NETRA_URL}/queue?lang=id`);
  await page.context().close();
});

test("all of it works without scripts", async () => {
  const plain = await harness.person({ javaScriptEnabled: false });
  await logIn(plain, NETRA_URL, "budi", NETRA_PASSWORD);
  await plain.getByRole("combobox", { name: "Platform" }).selectOption("youtube");
  await plain.getByRole("button", { name: "Terapkan" }).click();
  await plain.getByText(/unggahan cocok dengan saringan/).waitFor();
  await plain.getByRole("button", { name: /Mulai meninjau/ }).click();
  await plain.locator("#decide").waitFor();
  const first = await itemOf(plain);
  await plain.locator("#note").fill("tanpa skrip");
  await plain.locator(".causes summary").click();
  await plain.getByRole("button", { name: /Makna sehari-hari/ }).click();
  await flash(plain, "Bukan pelanggaran (Makna sehari-hari)");
  assert.notEqual(await itemOf(plain), first);
  assert.match(plain.url(), /platform=youtube/, "the filter goes along");
  await plain.getByRole("button", { name: /Urungkan/ }).click();
  await plain.getByText("ditarik kembali").first().waitFor();
  assert.equal(await itemOf(plain), first);
  const second = await itemOf(plain);
  await plain.getByRole("button", { name: /Lewati/ }).click();
  await plain.locator("#decide").waitFor();
  assert.notEqual(await itemOf(plain), second);
  await plain.context().close();
});

test("a queue by keyboard alone", async () => {
  const times = [];
  await andi.goto(`${NETRA_URL}/queue`);
  await andi.keyboard.press("t");
  await andi.waitForURL(/\/items\//);
  await arrived(andi);
  const seen = new Set();
  for (let i = 0; i < reviews; i++) {
    const id = await itemOf(andi);
    assert.ok(!seen.has(id), `${id} came twice`);
    seen.add(id);
    const began = performance.now();
    await pressed(andi, ...(i % 3 === 0 ? ["b"] : ["d", String(1 + (i % 9))]));
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(`# ${reviews} reviews by keyboard: median ${times[reviews >> 1].toFixed(0)} ms, slowest ${times.at(-1).toFixed(0)} ms from the key to the next item`);
  await andi.goto(`${NETRA_URL}/queue?status=done`);
  const found = await andi.locator(".found p").first().textContent();
  assert.ok(Number.parseInt(found) >= reviews, found);
  await look(andi, "queue-done");
});

test("an empty queue says so", async () => {
  const page = await enter("andi", NETRA_EMPTY_URL);
  await page.getByRole("heading", { name: "Semua sudah ditinjau" }).waitFor();
  await look(page, "queue-empty");
  await page.context().close();
});

test("the browser had nothing to complain of", () => assert.deepEqual(harness.complaints, []));
