// The console in a real browser. Started by TestInBrowser (browser_test.go),
// which serves it on the real engine and says where in the environment.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { NETRA_URL, NETRA_USER, NETRA_PASSWORD, NETRA_EMPTY_URL, NETRA_EMPTY_PASSWORD, NETRA_ARTIFACTS, NETRA_CHROMIUM } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

let home, context, page;
const complaints = [];

function watch(page) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !/status of (401|403|404|422|429)/.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
  page.on("response", async (response) => {
    if (!response.headers()["content-type"]?.startsWith("text/html")) return;
    const size = Number(response.headers()["content-length"]);
    if (!(size < 200 * 1024)) complaints.push(`${response.url()}: ${size} bytes`);
  });
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), "netra-chromium-"));
  await mkdir(NETRA_ARTIFACTS, { recursive: true });
  context = await chromium.launchPersistentContext(home, {
    executablePath: NETRA_CHROMIUM, headless: true, viewport: widths.wide, bypassCSP: false,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  context.setDefaultTimeout(15_000);
  page = context.pages()[0];
  watch(page);
});

after(async () => {
  await context?.close();
  await rm(home, { recursive: true, force: true });
});

// look takes a picture at both widths, in light and dark, and lets axe-core
// search for what shuts people out.
async function look(page, name) {
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      if (scheme === "light" || width === "wide") {
        await page.screenshot({ path: join(NETRA_ARTIFACTS, `${name}-${size.width}${scheme === "dark" ? "-dark" : ""}.png`), fullPage: true });
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow}px wider than a ${size.width}px window`);
      await page.evaluate(axe); // the debugger's way in, which the page's CSP does not govern
      const { violations } = await page.evaluate(() => axe.run());
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), [], `${name} at ${size.width}px, ${scheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(widths.wide);
}

async function logIn(page, url, password) {
  await page.goto(url);
  await page.getByLabel("Nama pengguna").fill(NETRA_USER);
  await page.getByLabel("Kata sandi").fill(password);
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.getByRole("heading", { level: 1, name: "Unggahan yang ditandai" }).waitFor();
}

test("a wrong password is refused in words", async () => {
  await page.goto(NETRA_URL);
  assert.match(page.url(), /\/login$/);
  await look(page, "login");
  await page.getByLabel("Nama pengguna").fill(NETRA_USER);
  await page.getByLabel("Kata sandi").fill("bukan kata sandinya");
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.getByRole("alert").getByText("tidak cocok").waitFor();
  await look(page, "login-wrong");
});

test("log in shows the list, newest first", async () => {
  await logIn(page, NETRA_URL, NETRA_PASSWORD);
  await page.getByText("12.847 unggahan terkumpul, 67 ditandai").waitFor();
  const times = await page.locator(".posts time").evaluateAll((all) => all.map((t) => t.dateTime));
  assert.equal(times.length, 25);
  assert.deepEqual(times, [...times].sort().reverse());
  await look(page, "posts");
});

test("a filter applies at once, is told in words and can be removed", async () => {
  await page.getByRole("combobox", { name: "Wilayah" }).focus();
  await page.getByRole("combobox", { name: "Wilayah" }).selectOption("61");
  await page.getByText("6 unggahan cocok dengan saringan").waitFor();
  assert.match(page.url(), /region=61/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "filter-region", "the focus stays on the filter");
  await page.getByRole("combobox", { name: "Dugaan" }).selectOption("support");
  await page.getByText("5 unggahan cocok dengan saringan").waitFor();
  await look(page, "posts-filtered");
  await page.goBack();
  await page.getByText("6 unggahan cocok dengan saringan").waitFor();
  await page.getByRole("link", { name: /Hapus saringan Wilayah/ }).click();
  await page.getByText("67 unggahan", { exact: true }).waitFor();
});

test("a filter that chooses nothing says so", async () => {
  await page.goto(`${NETRA_URL}/posts?label=hate_speech&from=kemarin`);
  await page.getByRole("heading", { name: "Tidak ada yang cocok" }).waitFor();
  await page.getByText("Tanggal “kemarin” tidak dikenal").waitFor();
  await look(page, "posts-nothing");
});

test("older posts are a page away", async () => {
  await page.goto(`${NETRA_URL}/posts`);
  const first = await page.locator(".posts h2 a").first().getAttribute("href");
  await page.getByRole("link", { name: /lebih lama/ }).click();
  await page.waitForURL(/after=/);
  assert.equal(await page.locator(`.posts h2 a[href="${first}"]`).count(), 0);
  await page.getByRole("link", { name: "Kembali ke yang terbaru" }).click();
  await page.locator(`.posts h2 a[href="${first}"]`).waitFor();
});

test("a post shows its marks and its reasons in words", async () => {
  await page.goto(`${NETRA_URL}/posts`);
  await page.getByRole("link", { name: "Sumarni Dewi" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Dugaan dukungan" }).waitFor();
  assert.deepEqual(await page.locator(".verbatim mark").allTextContents(), ["rapatkan barisan", "✌️", "coblos nomor 2, lanjutkan"]);
  await page.getByText("ajakan memilih dekat penyebutan peserta: menyebut coblos nomor 2").waitFor();
  await page.getByText("nomor 2, Bernadus Lantang – Rusdi Halim").waitFor();
  const link = page.getByRole("link", { name: /Buka di Mastodon/ });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  await look(page, "post");
  await page.goto(`${NETRA_URL}/posts?region=61`);
  await page.getByRole("link", { name: "Sumarni Dewi" }).first().click();
  await page.getByRole("link", { name: "Kembali ke daftar" }).click();
  await page.getByText("6 unggahan cocok dengan saringan").waitFor();
  for (const [id, name] of [["facebook:55102", "post-quoted"], ["x:90210", "post-two-labels"], ["facebook:41190", "post-overlap"]]) {
    await page.goto(`${NETRA_URL}/posts/${encodeURIComponent(id)}`);
    await look(page, name);
  }
});

test("the language can be changed and is kept", async () => {
  await page.goto(`${NETRA_URL}/posts?region=61`);
  await page.getByRole("link", { name: "EN English" }).click();
  await page.getByText("Posts that match: 6").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.goto(`${NETRA_URL}/posts`);
  await page.getByRole("heading", { level: 1, name: "Flagged posts" }).waitFor();
  await look(page, "posts-english");
  await page.getByRole("link", { name: "ID Bahasa Indonesia" }).click();
  await page.getByRole("heading", { level: 1, name: "Unggahan yang ditandai" }).waitFor();
});

test("what is not there has a page of its own", async () => {
  await page.goto(`${NETRA_URL}/posts/mastodon:nope`);
  await page.getByRole("heading", { name: "Tidak ditemukan" }).waitFor();
  await look(page, "not-found");
});

test("a keyboard reaches the content first", async () => {
  await page.goto(`${NETRA_URL}/posts`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

test("it works without scripts", async () => {
  const browser = await chromium.launch({ executablePath: NETRA_CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await logIn(plain, NETRA_URL, NETRA_PASSWORD);
    await plain.getByRole("combobox", { name: "Platform" }).selectOption("instagram");
    await plain.getByRole("button", { name: "Terapkan" }).click();
    await plain.getByText("1 unggahan cocok dengan saringan").waitFor();
    await plain.getByRole("link", { name: "Sumarni Dewi" }).click();
    await plain.getByText("istilah politik uang: menyebut Serangan fajar").waitFor();
  } finally {
    await browser.close();
  }
});

test("log out ends the session", async () => {
  await page.goto(`${NETRA_URL}/posts`);
  await page.getByRole("button", { name: "Keluar" }).click();
  await page.getByText("Anda sudah keluar.").waitFor();
  await page.goto(`${NETRA_URL}/posts`);
  assert.match(page.url(), /\/login/);
});

test("a console without posts says so", async () => {
  const other = await context.newPage();
  watch(other);
  await logIn(other, NETRA_EMPTY_URL.replace("127.0.0.1", "localhost"), NETRA_EMPTY_PASSWORD);
  await other.getByRole("heading", { name: "Belum ada unggahan" }).waitFor();
  await look(other, "posts-none");
});

test("the browser had nothing to complain of", () => assert.deepEqual(complaints, []));
