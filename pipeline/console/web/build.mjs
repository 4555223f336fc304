// Makes the scripts that the pages load, into static/vendor, from where the Go
// build embeds them: third-party ones are copied from node_modules, as
// package-lock.json fixes them, and each of our own in src/ that a page names is
// bundled. Nothing is fetched here.
import { copyFile, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const scripts = [["node_modules/htmx.org/dist/htmx.min.js", "static/vendor/htmx.min.js"]];
const bundles = ["console.js", "charts.js"];

for (const [from, to] of scripts) {
  const target = join(here, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join(here, from), target);
  console.log(`${to} ${(await stat(target)).size} bytes`);
}

for (const name of bundles) {
  const to = `static/vendor/${name}`;
  await build({
    entryPoints: [join(here, "src", name)], outfile: join(here, to),
    bundle: true, minify: true, format: "iife", target: ["chrome100", "firefox102", "safari15"], legalComments: "none",
  });
  console.log(`${to} ${(await stat(join(here, to))).size} bytes`);
}
