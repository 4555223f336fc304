// The supervisors' pages in a real browser. Started by TestSuperviseInBrowser
// (browser_supervise_test.go), which serves a console with four weeks of posts
// and says where in the environment.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Harness, logIn, look, widths } from "./harness.mjs";

const { NETRA_URL, NETRA_EMPTY_URL, NETRA_PASSWORD, NETRA_EMPTY_USER, NETRA_EMPTY_PASSWORD } = process.env;
const harness = new Harness();
let citra;

before(async () => {
  await harness.start();
  citra = await harness.person({ acceptDownloads: true });
  await logIn(citra, NETRA_URL, "citra", NETRA_PASSWORD);
});
after(() => harness.stop());

const drawn = (page) => page.locator("figure[data-chart] canvas").first().waitFor();

test("the overview says how the work goes", async () => {
  await citra.getByRole("link", { name: "Pantauan" }).click();
  await citra.getByRole("heading", { level: 1, name: "Pantauan" }).waitFor();
  await drawn(citra);
  await citra.getByText("7 dari 10 unggahan").waitFor();
  await citra.getByText("0,40", { exact: true }).waitFor();
  await look(citra, "supervise");
});

test("a conflict is one press away", async () => {
  await citra.locator(".conflicts a").first().click();
  await citra.waitForURL(/\/items\//);
  await citra.goBack();
});

test("a chart's table opens, and its lines can be hidden with the keyboard", async () => {
  await citra.goto(`${NETRA_URL}/trends`);
  await drawn(citra);
  await look(citra, "supervise-trends");
  const figure = citra.locator("figure[data-chart]").first();
  await figure.getByText("Angka dalam tabel").click();
  const cells = await figure.locator("tbody tr").count();
  assert.ok(cells === 30, `${cells} days, want 30`);
  const line = figure.locator(".lines button").first();
  await line.focus();
  await citra.keyboard.press("Enter");
  assert.equal(await line.getAttribute("aria-pressed"), "false");
  await citra.keyboard.press("Enter");
  assert.equal(await line.getAttribute("aria-pressed"), "true");
  await look(citra, "supervise-trends-table");
});

test("a chart says the numbers below the pointer", async () => {
  const figure = citra.locator("figure[data-chart]").first();
  const box = await figure.locator(".u-over").boundingBox();
  await citra.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await figure.locator(".moment").getByText(/20\d\d/).waitFor();
  assert.match(await figure.locator(".lines output").first().textContent(), /^\d+$/);
});

test("trends by region and time zone are chosen in the form", async () => {
  await citra.getByLabel("Menurut").selectOption("region");
  await citra.getByLabel("Zona waktu").selectOption("WIT");
  await citra.getByLabel("Satuan waktu").selectOption("week");
  await citra.getByRole("button", { name: "Terapkan" }).click();
  await citra.waitForURL(/by=region/);
  await drawn(citra);
  assert.equal(await citra.locator("figure[data-chart]").first().getAttribute("data-zone"), "Asia/Jayapura");
  await look(citra, "supervise-trends-region");
});

test("coverage says plainly what is not seen", async () => {
  await citra.goto(`${NETRA_URL}/coverage`);
  await citra.getByText("4 dari 9 akun").waitFor();
  await citra.getByText("Arti setiap keadaan").click();
  await look(citra, "supervise-coverage");
  await citra.getByRole("link", { name: "Tidak dipantau" }).first().click();
  await citra.getByRole("rowheader", { name: /unwatched-1/ }).waitFor();
  assert.equal(await citra.locator(".accounts tbody tr").count(), 2);
});

test("tables are downloaded with the page's filter", async () => {
  const fetched = async (button) => {
    const [download] = await Promise.all([citra.waitForEvent("download"), button.click()]);
    return { name: download.suggestedFilename(), data: await readFile(await download.path()) };
  };
  const csv = await fetched(citra.getByRole("button", { name: "Unduh CSV" }));
  assert.match(csv.name, /^netra-coverage-\d{8}-\d{4}\.csv$/);
  assert.deepEqual([...csv.data.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.equal(csv.data.toString().trim().split("\r\n").length, 3, "a head and two accounts");
  const xlsx = await fetched(citra.getByRole("button", { name: "Unduh XLSX" }));
  assert.equal(xlsx.data.subarray(0, 2).toString(), "PK");
  await citra.goto(`${NETRA_URL}/queue?label=hoax`);
  const queue = await fetched(citra.locator(".export-links a", { hasText: "CSV" }));
  assert.match(queue.name, /^netra-queue-/);
});

test("pages work without scripts: the tables are open", async () => {
  const page = await harness.person({ javaScriptEnabled: false });
  await logIn(page, NETRA_URL, "citra", NETRA_PASSWORD);
  await page.goto(`${NETRA_URL}/trends`);
  await page.locator("figure[data-chart] tbody tr").first().waitFor({ state: "visible" });
  assert.equal(await page.locator("canvas").count(), 0);
});

test("a supervisor of a region is told so and sees no other", async () => {
  const page = await harness.person();
  await logIn(page, NETRA_URL, "madiun", NETRA_PASSWORD);
  for (const path of ["/supervise", "/coverage", "/trends?by=region"]) {
    await page.goto(NETRA_URL + path);
    await page.getByText("hanya mencakup wilayah Anda: Kota Madiun").waitFor();
    assert.doesNotMatch(await page.locator("main").textContent(), /Landak,/);
  }
  await look(page, "supervise-trends-own");
});

test("where there is nothing yet, the pages say so", async () => {
  const page = await harness.person();
  await logIn(page, NETRA_EMPTY_URL, NETRA_EMPTY_USER, NETRA_EMPTY_PASSWORD);
  for (const [name, path] of [["overview", "/supervise"], ["coverage", "/coverage"], ["trends", "/trends"]]) {
    await page.goto(NETRA_EMPTY_URL + path);
    await page.locator(".empty").first().waitFor();
    await look(page, `supervise-empty-${name}`);
  }
});

test("English is one press away", async () => {
  await citra.setViewportSize(widths.wide);
  await citra.goto(`${NETRA_URL}/supervise?lang=en`);
  await citra.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await look(citra, "supervise-en");
});

test("no page complained", () => assert.deepEqual(harness.complaints, []));
