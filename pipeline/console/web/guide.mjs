// Makes the pictures of docs/panduan-analis.md: runs `netra demo` with sample
// posts in a folder of its own, works in it as an analyst would, and puts what
// is seen into docs/images/panduan-*.png. Run by `make guide-images`.
// NETRA_CHROMIUM is the browser's path; pngquant makes the pictures small.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const images = process.env.NETRA_IMAGES ?? join(root, "docs/images");
const binary = process.env.NETRA_BINARY ?? join(root, "bin/netra");
const most = 150_000; // bytes of a picture
const bribe = "telegram:jokopurwanta_ppl/4026"; // posts of deploy/sample
const campaign = "facebook:122100000165";

// Demo is a running `netra demo` and those who can log in to it.
class Demo {
  async start() {
    this.dir = await mkdtemp(join(tmpdir(), "netra-guide-"));
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NETRA_"))); // as it comes
    const flags = ["demo", "--dir", this.dir, "--fresh", "--listen", "127.0.0.1:0", "--spread", "0"];
    this.process = spawn(binary, flags, { env, stdio: ["ignore", "pipe", "inherit"] });
    this.ended = once(this.process, "exit");
    let said = "";
    await new Promise((done, failed) => {
      this.process.on("exit", (code) => failed(new Error(`the demo ended with ${code}: ${said}`)));
      this.process.stdout.on("data", (data) => {
        said += data;
        if (said.includes("Ctrl-C ends")) done();
      });
    });
    const word = (pattern) => said.match(pattern)?.[1];
    this.url = word(/console:\s+(\S+)/);
    this.passwords = { analyst: word(/password:\s+(\S+)/), supervisor: word(/supervisor\s+(\S+)/) };
  }

  async stop() {
    if (this.process?.exitCode === null) this.process.kill("SIGINT");
    await this.ended;
    await rm(this.dir, { recursive: true, force: true });
  }
}

const demo = new Demo();
let browser;

async function person(viewport = { width: 1440, height: 900 }) {
  const context = await browser.newContext({ viewport, locale: "id-ID", timezoneId: "Asia/Jakarta", colorScheme: "light", reducedMotion: "reduce" });
  return context.newPage();
}

async function logIn(page, user) {
  await page.goto(demo.url);
  await page.getByLabel("Nama pengguna").fill(user);
  await page.getByLabel("Kata sandi").fill(demo.passwords[user]);
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}

const item = (id) => `${demo.url}/items/${encodeURIComponent(id)}`;
const arrived = (page) => page.locator("#review[data-arrived]").waitFor();

// picture takes what the window shows, or the part of the page around some
// elements, and makes it small.
async function picture(page, name, { around, margin = 16, atMost } = {}) {
  const path = join(images, `panduan-${name}.png`);
  const options = { path };
  if (around) {
    const boxes = await Promise.all(around.map((selector) => page.locator(selector).first().boundingBox()));
    const scrolled = await page.evaluate(() => window.scrollY);
    const x = Math.max(0, Math.min(...boxes.map((box) => box.x)) - margin);
    const y = Math.max(0, Math.min(...boxes.map((box) => box.y)) + scrolled - margin);
    const height = Math.max(...boxes.map((box) => box.y + box.height)) + scrolled + margin - y;
    options.fullPage = true;
    options.clip = { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) + margin - x, height: Math.min(height, atMost ?? height) };
  }
  await page.screenshot(options);
  execFileSync("pngquant", ["--force", "--speed", "1", "--strip", "--ext", ".png", "128", path]);
  const { size } = await stat(path);
  if (size > most) throw new Error(`${path} has ${size} bytes; allowed: ${most}`);
  console.log(`${path} ${size} bytes`);
}

// settle waits until all sample posts are in the queue.
async function settle(page) {
  for (let before = ""; ;) {
    await page.goto(`${demo.url}/queue`);
    const now = await page.locator(".totals").textContent();
    if (now === before && !/^\s*0 /.test(now)) return;
    before = now;
    await page.waitForTimeout(8000);
  }
}

async function theQueue(page) {
  await picture(page, "antrean");
  await page.goto(`${demo.url}/queue?label=money_politics&q=coblos`);
  await page.getByLabel("Simpan saringan ini sebagai").fill("Politik uang: coblos");
  await page.getByRole("button", { name: "Simpan", exact: true }).click();
  await page.locator("#flash").getByText("tersimpan").waitFor();
  await picture(page, "saringan", { around: [".top", ".queue-head", ".split"], atMost: 760 });
  await picture(page, "saringan-tersimpan", { around: [".saved"] });
}

async function theItem(page) {
  await page.goto(item(bribe));
  await arrived(page);
  await picture(page, "unggahan");
  await picture(page, "alasan", { around: [".text-card", ".why-card"] });
  await picture(page, "aturan", { around: [".law"] });
  await picture(page, "akun", { around: ['[aria-labelledby="person-title"]', '[aria-labelledby="account-title"]'] });
  await page.keyboard.press("d");
  await picture(page, "keputusan", { around: ["#decision", ".causes .menu-body"] });
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await picture(page, "tombol", { around: ["#keys"] });
  await page.keyboard.press("Escape");
}

async function theCopies(page) {
  await page.goto(item(campaign));
  await arrived(page);
  await page.keyboard.press("x");
  await picture(page, "kembar", { around: ["#copies"], atMost: 576 });
}

// theDecision asks for a second opinion, which the next picture shows.
async function theDecision(page) {
  await page.goto(item(bribe));
  await arrived(page);
  await page.locator("#note").fill("Kupon bensin untuk yang hadir. Mohon dicek: akun kanal ini dikelola sendiri atau oleh tim?");
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await page.keyboard.press("p");
  await page.locator("#flash").getByText("Tersimpan").waitFor();
  await picture(page, "tersimpan", { around: [".review-top", ".review-head"] });
}

async function theSecondOpinion() {
  const page = await person();
  await logIn(page, "supervisor");
  await page.goto(item(bribe));
  await arrived(page);
  await picture(page, "pendapat-kedua", { around: ["#decision", '[aria-labelledby="history-title"]'], margin: 8 });
}

// theCapture begins a capture, as of a post that was seen elsewhere.
async function theCapture(page) {
  await page.goto(`${demo.url}/capture`);
  await page.locator("h1").waitFor();
  await picture(page, "tangkap");
}

// theCase confirms a copied post, makes a case of the copies, and shows how it is
// handed on.
async function theCase(page) {
  await page.goto(item(campaign));
  await arrived(page);
  await page.getByRole("link", { name: "Kasus dari salinan" }).click();
  await page.getByLabel("Catatan pertama").fill("Kalimat yang sama oleh banyak akun dalam satu jam. Mohon dicek siapa yang pertama.");
  await picture(page, "kasus-baru", { around: [".top", ".case-new"], atMost: 760 });
  await page.getByRole("button", { name: "Buat kasus" }).click();
  await page.locator("#flash").getByText("dibuat").waitFor();
  await picture(page, "kasus");
  await page.getByText("Cara memeriksa paket").click();
  await picture(page, "ekspor", { around: ["#export"] });
  await page.goto(`${demo.url}/cases`);
  await picture(page, "daftar-kasus", { around: [".top", "main"], atMost: 620 });
}

async function thePhone() {
  const page = await person({ width: 390, height: 844 });
  await logIn(page, "analyst");
  await page.goto(item(campaign));
  await arrived(page);
  await picture(page, "ponsel");
}

async function make() {
  await mkdir(images, { recursive: true });
  await demo.start();
  browser = await chromium.launch({ executablePath: process.env.NETRA_CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await person();
  await page.goto(demo.url);
  await picture(page, "masuk", { around: ["header", "main"], atMost: 540 });
  await logIn(page, "analyst");
  await settle(page);
  await theQueue(page);
  await theItem(page);
  await theCopies(page);
  await theDecision(page);
  await theSecondOpinion();
  await page.goto(`${demo.url}/account`);
  await picture(page, "sesi", { around: [".top", "main section:nth-of-type(1)", "main section:nth-of-type(2)"] });
  await theCapture(page);
  await theCase(page);
  await thePhone();
}

try {
  await make();
} finally {
  await browser?.close();
  await demo.stop();
}
