import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { buildSync } from "esbuild";
import { afterAll, onTestFinished } from "vitest";
import type { BpfCompiler } from "../../../../compiler/clang/compiler.js";
import { type EmbeddedOptions, embeddedCompiler } from "../../../../compiler/clang/embedded.js";
import { type ClangArtifact, findArtifact } from "../../../../compiler/clang/wasm/artifact.js";
import { temporaryDirectory } from "./support.js";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

export const artifact = findArtifact() as ClangArtifact;

/** host.ts as it is now, bundled: these tests do not depend on the build. */
export function bundleHost(directory: string): string {
  const outfile = join(directory, "host.mjs");
  const entry = join(repository, "compiler/clang/wasm/host.ts");
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "warning",
  });
  return outfile;
}

export interface Embedded {
  readonly compiler: BpfCompiler;
  /** The cache directory. */
  readonly directory: string;
  readonly host: string;
  /** What -v would show. */
  readonly said: string[];
}

type Overrides = Partial<EmbeddedOptions> & { readonly directory: string };

/** An embedded compiler that keeps its module in `directory`. Whoever makes it stops it. */
export function makeEmbedded({ directory, ...options }: Overrides): Embedded {
  const said: string[] = [];
  const host = options.host ?? bundleHost(directory);
  const log = (text: string) => void said.push(text.replaceAll(directory, "").replace(/[0-9a-f]{16}\.wasm/, "….wasm"));
  const compiler = embeddedCompiler({ artifact, cacheDir: { path: directory, fallback: false }, log, ...options, host });
  return { compiler, directory, host, said };
}

/** The same, stopped when the test is over. */
export function embedded(options: Partial<Overrides> = {}): Embedded {
  const made = makeEmbedded({ directory: temporaryDirectory(), ...options });
  onTestFinished(() => made.compiler.stop?.());
  return made;
}

/** One for all tests of a file: the real module loads once. */
export function sharedEmbedded(): () => Embedded {
  const directory = mkdtempSync(join(tmpdir(), "tsprobe-test-"));
  const made = makeEmbedded({ directory });
  afterAll(async () => {
    await made.compiler.stop?.();
    rmSync(directory, { recursive: true });
  });
  return () => made;
}

/** A WebAssembly section: id, length, content. */
function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content];
}

const NAMES = { start: [6, ...Buffer.from("_start")], memory: [6, ...Buffer.from("memory")] };

/** The smallest command: a memory of one page, and `_start` with this code. */
export function tinyModule(...code: number[]): Buffer {
  const body = [0, ...code, 0x0b];
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(7, 2, ...NAMES.memory, 2, 0, ...NAMES.start, 0, 0),
    ...section(10, 1, body.length, ...body),
  ]);
}

/** Packs a module as the real one is. */
export function pack(module: Buffer, directory = temporaryDirectory()): ClangArtifact {
  const packed = brotliCompressSync(module);
  const path = join(directory, "clang-bpf.wasm.br");
  writeFileSync(path, packed);
  return { path, sha256: createHash("sha256").update(packed).digest("hex"), version: "19.1.7" };
}

/** The processes that run this host program. */
export function hostProcesses(host: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(host);
      } catch {
        return false;
      }
    })
    .map(Number);
}
