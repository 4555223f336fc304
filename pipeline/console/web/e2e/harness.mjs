// What every area's tests in the browser need: a Chromium, pages that are
// watched for errors and size, the login, and a look at a page at both widths.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { NETRA_ARTIFACTS, NETRA_CHROMIUM } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const widths = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Harness is one browser with as many people as a test needs.
export class Harness {
  complaints = [];

  async start() {
    await mkdir(NETRA_ARTIFACTS, { recursive: true });
    this.home = await mkdtemp(join(tmpdir(), "netra-chromium-"));
    this.browser = await chromium.launch({ executablePath: NETRA_CHROMIUM, headless: true, args });
  }

  async stop() {
    await this.browser?.close();
    await rm(this.home, { recursive: true, force: true });
  }

  // person is a browser of one person, who has not logged in.
  async person(options = {}) {
    const context = await this.browser.newContext({ viewport: widths.wide, ...options });
    context.setDefaultTimeout(Number(process.env.NETRA_TIMEOUT ?? 15_000));
    const page = await context.newPage();
    this.watch(page);
    return page;
  }

  watch(page) {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !/status of (401|403|404|409|422|429)/.test(message.text())) this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error}`));
    page.on("response", (response) => {
      if (!response.headers()["content-type"]?.startsWith("text/html")) return;
      const size = Number(response.headers()["content-length"]);
      if (!(size < 200 * 1024)) this.complaints.push(`${response.url()}: ${size} bytes`);
    });
  }
}

export async function logIn(page, url, user, password) {
  await page.goto(url);
  await page.getByLabel("Nama pengguna").fill(user);
  await page.getByLabel("Kata sandi").fill(password);
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/login"));
}

// look takes a picture at both widths, in light and dark, and lets axe-core
// search for what shuts people out.
export async function look(page, name, { whole = true } = {}) {
  for (const size of Object.values(widths)) {
    await page.setViewportSize(size);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      if (scheme === "light" || size === widths.wide) {
        await page.screenshot({ path: join(NETRA_ARTIFACTS, `${name}-${size.width}${scheme === "dark" ? "-dark" : ""}.png`), fullPage: whole });
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
