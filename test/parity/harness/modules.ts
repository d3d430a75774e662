import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type * as Load from "../../../compiler/capture/load.js";
import type * as Clang from "../../../compiler/clang/index.js";
import type * as Passes from "../../../compiler/passes/index.js";
import type * as Capture from "../../../dsl/capture.js";
import type * as Script from "../../../dsl/script.js";
import type * as Task from "../../../dsl/task.js";
import type * as Kernel from "../../../kernel/info.js";
import type * as Decode from "../../../runtime/decode.js";
import type * as Ffi from "../../../runtime/ffi/library.js";
import type * as Session from "../../../runtime/session.js";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

const ENTRIES = {
  load: "compiler/capture/load",
  passes: "compiler/passes/index",
  clang: "compiler/clang/index",
  kernel: "kernel/info",
  session: "runtime/session",
  decode: "runtime/decode",
  ffi: "runtime/ffi/library",
  script: "dsl/script",
  capture: "dsl/capture",
  task: "dsl/task",
} as const;

const OWN = { tsprobe: "dsl/index", "tsprobe/kernel": "dsl/kernel/index", "tsprobe/test": "dsl/test/index" } as const;

/** The whole of tsprobe as JavaScript that Node's own loader runs, as it runs scripts (see test/unit/compiler/capture/built.ts). */
export interface Modules {
  readonly load: typeof Load;
  readonly passes: typeof Passes;
  readonly clang: typeof Clang;
  readonly kernel: typeof Kernel;
  readonly session: typeof Session;
  readonly decode: typeof Decode;
  readonly ffi: typeof Ffi;
  readonly script: typeof Script;
  readonly capture: typeof Capture;
  readonly task: typeof Task;
  readonly resolveOwn: Readonly<Record<string, string>>;
}

let loaded: Modules | undefined;

export async function loadModules(): Promise<Modules> {
  if (loaded !== undefined) return loaded;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-parity-")));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // vitest ends its processes by a signal, and without this that is no exit.
  process.once("SIGTERM", () => process.exit());
  // The embedded clang's process is a program of its own.
  const names = [...Object.values(ENTRIES), ...Object.values(OWN), "compiler/clang/wasm/host"];
  await build({
    entryPoints: names.map((name) => ({ in: join(repository, `${name}.ts`), out: name })),
    outdir: join(folder, "dist"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  writeFileSync(join(folder, "package.json"), '{ "name": "tsprobe", "type": "module" }');
  for (const shared of ["node_modules", "toolchain"]) symlinkSync(join(repository, shared), join(folder, shared));
  const require = createRequire(import.meta.url);
  const path = (name: string): string => join(folder, "dist", `${name}.js`);
  const modules = Object.fromEntries(Object.entries(ENTRIES).map(([key, name]) => [key, require(path(name))]));
  const resolveOwn = {
    ...Object.fromEntries(Object.entries(OWN).map(([specifier, name]) => [specifier, pathToFileURL(path(name)).href])),
    "tsprobe/net": pathToFileURL(join(repository, "dsl/net/index.ts")).href,
  };
  loaded = { ...modules, resolveOwn } as unknown as Modules;
  return loaded;
}
