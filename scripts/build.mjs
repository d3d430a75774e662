// Builds dist/: the command and the modules that scripts import, with their declarations.
// One esbuild call with splitting, so that the command and a script's `import "tsprobe"` share one copy of the DSL's state.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
rmSync("dist", { recursive: true, force: true });

await build({
  entryPoints: ["cli/main.ts", "dsl/index.ts", "dsl/capture.ts", "dsl/kernel/index.ts", "dsl/test/index.ts"],
  outdir: "dist",
  outbase: ".",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  chunkNames: "chunks/[name]-[hash]",
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
});
chmodSync("dist/cli/main.js", 0o755);

// The native compiler's own launcher: works on every platform that `typescript` supports.
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const declarations = spawnSync(process.execPath, [tsc, "-p", "tsconfig.declarations.json"], { stdio: "inherit" });
process.exitCode = declarations.status ?? 1;

// What editors see of "tsprobe": the declarations, and the snapshot of kernel types that completes names.
writeFileSync("dist/types/kernel.d.ts", brotliDecompressSync(readFileSync("kernel/snapshots/kernel.d.ts.br")));
writeFileSync("dist/types/tsprobe.d.ts", '/// <reference path="./kernel.d.ts" />\nexport * from "./dsl/index.js";\n');
