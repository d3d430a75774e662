// Builds dist/: the command and the modules that scripts import, with their declarations.
// It is made beside dist/ and put in its place when it is whole: a build that fails, or one that `npx tsprobe` starts
// (npm runs `prepare` when it first links a package's own command), takes nothing away from a tsprobe that is running.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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

const common = { outdir: made, outbase: ".", platform: "node", target: "node20.19", legalComments: "none", logLevel: "warning" };

// All code of the command and of what scripts import, as one script: cli/load.ts runs it, and says why.
// magic-string and what it needs are in it, since Node's require() does not give a module's default export.
await build({
  ...common,
  entryPoints: [{ in: "cli/code.ts", out: "code" }],
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  // Read where a fault of tsprobe's own is shown (cli/own-stack.ts).
  sourcemap: "external",
  sourcesContent: false,
  external: ["esbuild", "ffi-rs", "oxc-parser", "typescript"],
  define: { "import.meta.url": "tsprobe.url" },
  plugins: [
    {
      name: "import",
      setup: ({ onLoad }) =>
        onLoad({ filter: /\/import-module\.ts$/ }, () => ({ contents: "export const importModule = tsprobe.import;" })),
    },
  ],
});
const code = readFileSync(`${made}/code.cjs`);
await build({
  ...common,
  entryPoints: ["cli/load.ts", "compiler/clang/wasm/host.ts"],
  bundle: true,
  format: "esm",
  define: { TSPROBE_CODE: JSON.stringify(createHash("sha256").update(code).digest("hex")) },
});
await build({ ...common, entryPoints: ["cli/main.ts"], format: "esm" });
chmodSync(`${made}/cli/main.js`, 0o755);

// Modules that give scripts what is in that code, so that the command and a script share one copy of the DSL's state.
const { loadCode } = await import(pathToFileURL(join(root, made, "cli/load.js")));
for (const [path, module] of Object.entries(loadCode().code.modules)) {
  const up = "../".repeat(path.split("/").length - 1);
  const text = `import { loadCode } from "${up}cli/load.js";
export const { ${Object.keys(module).join(", ")} } = loadCode().code.modules["${path}"];
`;
  mkdirSync(join(made, dirname(path)), { recursive: true });
  writeFileSync(join(made, path), text);
}

// The licences of what is in it.
const bundled = ["magic-string", "@jridgewell/sourcemap-codec"];
writeFileSync(
  `${made}/LICENSES.txt`,
  bundled.map((name) => `code.cjs contains ${name}:\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8")}`).join("\n\n"),
);

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
  ...common,
  entryPoints: readdirSync("dsl/net").map((name) => `dsl/net/${name}`),
  format: "esm",
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
