// Builds every browser asset into webui/static/dist: our bundles by esbuild, third-party files copied as published.
// The output is the same byte for byte on every machine: pinned versions, no times, no absolute paths.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");
const dist = process.argv[2] ?? path.join(here, "..", "static", "dist");

const VENDORED = {
  "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
  "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
  "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui-standalone-preset.js": "swagger-ui-dist/swagger-ui-standalone-preset.js",
};

await mkdir(dist, { recursive: true });
for (const old of await readdir(dist)) await rm(path.join(dist, old), { recursive: true });

await build({
  absWorkingDir: here,
  entryPoints: { explorer: "src/main.ts", console: "src/console.ts", "layout-worker": "src/layout/worker.ts", "crowd-worker": "src/render/crowd-worker.ts" },
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
});

for (const [name, source] of Object.entries(VENDORED)) {
  // A source-map line would make every browser ask for a file that is not there.
  const text = await readFile(path.join(modules, source), "utf8");
  await writeFile(path.join(dist, name), text.replace(/\n?(\/\/#|\/\*#) sourceMappingURL=.*\n?/g, "\n"));
}

const licences = [];
for (const name of await packages()) licences.push(await licenceOf(name));
await writeFile(path.join(dist, "LICENSES.txt"), licences.join("\n" + "-".repeat(80) + "\n"));

/** Names of the packages whose code reaches the browser, in order. */
async function packages() {
  const shipped = [];
  const lock = JSON.parse(await readFile(path.join(here, "package-lock.json"), "utf8"));
  for (const [where, entry] of Object.entries(lock.packages)) {
    const name = where.replace(/^node_modules\//, "");
    if (!where || entry.dev || entry.optional || name === "esbuild" || name.startsWith("@scarf/")) continue;
    shipped.push(name);
  }
  return shipped.sort();
}

/** Name, version and licence text of one package. */
async function licenceOf(name) {
  const folder = path.join(modules, name);
  const about = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? (await readFile(path.join(folder, file), "utf8")).trim() : "";
  return `${name} ${about.version} (${about.license})\n\n${text}\n`;
}
