// Builds dist/: the command and the modules that scripts import, with their declarations.
// One esbuild call with splitting, so that the command and a script's `import "tsprobe"` share one copy of the DSL's state.
// It is made beside dist/ and put in its place when it is whole: a build that fails, or one that `npx tsprobe` starts
// (npm runs `prepare` when it first links a package's own command), takes nothing away from a tsprobe that is running.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
// As deep as dist/, for the relative paths in source maps.
// A folder of its own for each build: two may run at once.
const made = `.dist-${process.pid}`;
const replaced = `${made}-replaced`;
process.on("exit", () => {
  for (const folder of [made, replaced]) rmSync(folder, { recursive: true, force: true });
});

await build({
  entryPoints: [
    "cli/main.ts",
    "dsl/index.ts",
    "dsl/capture.ts",
    "dsl/kernel/index.ts",
    "dsl/test/index.ts",
    "compiler/clang/wasm/host.ts",
  ],
  outdir: made,
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
chmodSync(`${made}/cli/main.js`, 0o755);

// The native compiler's own launcher: works on every platform that `typescript` supports.
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
function declare(project) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project, "--outDir", `${made}/types`], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
declare("tsconfig.declarations.json");

// What editors see of "tsprobe": the declarations, and the snapshot of kernel types that completes names.
writeFileSync(`${made}/types/kernel.d.ts`, brotliDecompressSync(readFileSync("kernel/snapshots/kernel.d.ts.br")));
writeFileSync(`${made}/types/tsprobe.d.ts`, '/// <reference path="./kernel.d.ts" />\nexport * from "./dsl/index.js";\n');

// "tsprobe/net" is kernel code, that is bundled with scripts: each file stays by itself, and imports "tsprobe" by name.
// Its types need those of "tsprobe", with a kernel's structs.
const netProject = `${made}/net.json`;
writeFileSync(
  netProject,
  JSON.stringify({
    extends: "../tsconfig.declarations.json",
    compilerOptions: {
      rootDir: "..",
      paths: { tsprobe: ["./types/tsprobe.d.ts"], "tsprobe/kernel": ["./types/dsl/kernel/index.d.ts"] },
    },
    include: ["../dsl/net"],
    exclude: [],
  }),
);
declare(netProject);
rmSync(netProject);
await build({
  entryPoints: readdirSync("dsl/net").map((name) => `dsl/net/${name}`),
  outdir: made,
  outbase: ".",
  format: "esm",
  platform: "node",
  target: "node20.19",
  logLevel: "warning",
});

// Two renames: dist/ is away for a moment only. Another build may have done it in between.
for (;;) {
  try {
    if (existsSync("dist")) renameSync("dist", replaced);
    renameSync(made, "dist");
    break;
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code) || !existsSync(made)) throw error;
    rmSync(replaced, { recursive: true, force: true });
  }
}
