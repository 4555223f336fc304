// The page of what is purged in a real browser. Started by TestRetentionInBrowser
// (retention_test.go).
import { after, before, test } from "node:test";
import { Harness, logIn, look } from "./harness.mjs";

const { NETRA_URL, NETRA_USER, NETRA_PASSWORD } = process.env;
const harness = new Harness();
let admin;

before(async () => {
  await harness.start();
  admin = await harness.person();
  await logIn(admin, NETRA_URL, NETRA_USER, NETRA_PASSWORD);
});
after(() => harness.stop());

test("an administrator sees what goes, what stays and why", async () => {
  await admin.goto(`${NETRA_URL}/retention`);
  await admin.getByRole("heading", { level: 1, name: "Penghapusan" }).waitFor();
  await admin.getByText("sengketa di PTUN").waitFor();
  await look(admin, "retention");
});
