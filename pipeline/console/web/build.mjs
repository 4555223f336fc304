// Copies the third-party scripts that the pages load from node_modules, as
// package-lock.json fixes them, into static/vendor, from where the Go build
// embeds them. Nothing is fetched here.
import { copyFile, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const scripts = [["node_modules/htmx.org/dist/htmx.min.js", "static/vendor/htmx.min.js"]];

for (const [from, to] of scripts) {
  const target = join(here, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join(here, from), target);
  console.log(`${to} ${(await stat(target)).size} bytes`);
}
