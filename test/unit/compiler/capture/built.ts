import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type * as Load from "../../../../compiler/capture/load.js";
import type * as Capture from "../../../../dsl/capture.js";
import type * as Script from "../../../../dsl/script.js";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** The compiler's first stage and dsl/ as JavaScript that Node itself loads. */
export interface Built {
  readonly load: typeof Load;
  readonly capture: typeof Capture;
  readonly script: typeof Script;
  readonly resolveOwn: Readonly<Record<string, string>>;
  /** File URL of a built module: "compiler/capture/load". */
  url(name: string): string;
  dispose(): void;
}

const ENTRIES = [
  "compiler/capture/load",
  "compiler/capture/warm-up",
  "dsl/index",
  "dsl/capture",
  "dsl/script",
  "dsl/kernel/index",
  "dsl/test/index",
];

/**
 * Scripts run in Node's own module loader, which cannot read our TypeScript sources, and vitest would put its own loader
 * around the import of a bundle. So compile what takes part once, in chunks that share state as the published modules do,
 * and get it with require(), which vitest leaves to Node.
 */
export async function buildForNode(): Promise<Built> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-own-")));
  await build({
    entryPoints: ENTRIES.map((name) => ({ in: join(repository, `${name}.ts`), out: name })),
    outdir: join(folder, "dist"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    sourcemap: true,
    logLevel: "silent",
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const require = createRequire(import.meta.url);
  const path = (name: string): string => join(folder, "dist", `${name}.js`);
  const url = (name: string): string => pathToFileURL(path(name)).href;
  return {
    load: require(path("compiler/capture/load")),
    capture: require(path("dsl/capture")),
    script: require(path("dsl/script")),
    resolveOwn: { tsprobe: url("dsl/index"), "tsprobe/kernel": url("dsl/kernel/index"), "tsprobe/test": url("dsl/test/index") },
    url,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A folder with the given files, for one test. */
export class ScriptFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-test-")));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
