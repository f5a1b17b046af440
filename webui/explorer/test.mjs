// Runs test/*.test.ts with Node's own test runner: bundled by esbuild into a temporary folder first.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(path.join(tmpdir(), "explorer-test-"));
const names = readdirSync(path.join(here, "test")).filter((name) => name.endsWith(".test.ts"));
await build({ absWorkingDir: here, entryPoints: names.map((name) => `test/${name}`), outdir: out, bundle: true, platform: "node", format: "esm", outExtension: { ".js": ".mjs" }, logLevel: "warning" });
const run = spawnSync(process.execPath, ["--test", ...names.map((name) => path.join(out, name.replace(/ts$/, "mjs")))], { stdio: "inherit" });
rmSync(out, { recursive: true });
process.exit(run.status ?? 1);
