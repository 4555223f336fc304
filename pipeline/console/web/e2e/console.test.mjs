// What every page of the console shares, in a real browser: login, languages,
// errors. Started by TestInBrowser (browser_test.go), which serves it on the
// real engine and says where in the environment.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_USER, NETRA_PASSWORD } = process.env;
const harness = new Harness();
let page;

before(async () => {
  await harness.start();
  page = await harness.person();
});
after(() => harness.stop());

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

test("the login leads to the queue", async () => {
  await logIn(page, NETRA_URL, NETRA_USER, NETRA_PASSWORD);
  await page.getByRole("heading", { level: 1, name: "Antrean" }).waitFor();
});

test("the language can be changed and is kept", async () => {
  await page.goto(`${NETRA_URL}/queue?region=61`);
  await page.getByRole("link", { name: "EN English" }).click();
  await page.getByText("Posts that match: 6").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.goto(`${NETRA_URL}/queue`);
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
  await page.getByRole("link", { name: "ID Bahasa Indonesia" }).click();
  await page.getByRole("heading", { level: 1, name: "Antrean" }).waitFor();
});

test("what is not there has a page of its own", async () => {
  await page.goto(`${NETRA_URL}/items/mastodon:nope`);
  await page.getByRole("heading", { name: "Tidak ditemukan" }).waitFor();
  await look(page, "not-found");
});

test("a keyboard reaches the content first", async () => {
  await page.goto(`${NETRA_URL}/queue`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

test("log out ends the session", async () => {
  await page.goto(`${NETRA_URL}/queue`);
  await page.getByRole("button", { name: "Keluar" }).click();
  await page.getByText("Anda sudah keluar.").waitFor();
  await page.goto(`${NETRA_URL}/queue`);
  assert.match(page.url(), /\/login/);
});

test("the browser had nothing to complain of", () => assert.deepEqual(harness.complaints, []));
