// The pages of coordinated posting in a real browser. Started by
// TestCoordinatedInBrowser (coordinated_test.go), which serves a console with a
// campaign, a greeting and a shared post.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_PASSWORD } = process.env;
const harness = new Harness();
let andi;

before(async () => {
  await harness.start();
  andi = await harness.person();
  await logIn(andi, NETRA_URL, "andi", NETRA_PASSWORD);
});
after(() => harness.stop());

test("the clusters are listed, the campaign first", async () => {
  await andi.getByRole("link", { name: "Serempak" }).click();
  await andi.getByRole("heading", { level: 1, name: "Serempak" }).waitFor();
  const titles = await andi.locator(".cluster h2").allTextContents();
  assert.equal(titles.length, 3);
  assert.match(titles[0], /42 unggahan dari 42 akun/);
  await look(andi, "clusters");
});

test("a cluster's posts over time, places and flagged posts are on its page", async () => {
  await andi.locator(".cluster h2 a").first().click();
  await andi.locator("figure[data-chart] canvas").first().waitFor();
  await andi.getByText("Dinas Pendidikan Kabupaten Landak").first().waitFor();
  await look(andi, "cluster");
});

test("a flagged post leads into the queue", async () => {
  await andi.getByRole("link", { name: "Buka unggahan" }).first().click();
  await andi.waitForURL(/\/items\//);
});
