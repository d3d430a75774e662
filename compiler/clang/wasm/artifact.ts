import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../kernel/package-root.js";

/** clang in WebAssembly as it comes with the package: toolchain/clang-wasm/README.md says how it is made. */
export interface ClangArtifact {
  /** The compressed module. */
  readonly path: string;
  /** Of that file, as the file beside it says; in hexadecimal. It is checked each time the module is unpacked. */
  readonly sha256: string;
  readonly version: string;
}

const VERSION = "19.1.7";

/** @returns undefined when the package came without it. */
export function findArtifact(folder = join(packageRoot(), "toolchain", "clang-wasm")): ClangArtifact | undefined {
  const path = join(folder, "clang-bpf.wasm.br");
  try {
    const sha256 = readFileSync(`${path}.sha256`, "latin1").slice(0, 64);
    return /^[0-9a-f]{64}$/.test(sha256) && existsSync(path) ? { path, sha256, version: VERSION } : undefined;
  } catch {
    return undefined;
  }
}

/** The bundled host.ts. Sources cannot be run as they are, so a checkout uses the build's too. */
export function hostProgram(): string {
  return join(packageRoot(), "dist", "compiler", "clang", "wasm", "host.js");
}
