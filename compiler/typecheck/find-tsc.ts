import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** How to run TypeScript's command-line compiler. */
export interface TypeScriptCompiler {
  readonly version: string;
  readonly command: string;
  /** What comes before the compiler's own arguments. */
  readonly leadingArguments: readonly string[];
  /** The package's folder and its platform package's: their library files change only with the version. */
  readonly folders: readonly string[];
}

/**
 * Finds the compiler of the `typescript` package that tsprobe depends on. Its native binary is started straight:
 * the package's own script would cost another Node start.
 * @returns undefined if the package is not installed
 */
export function findTypeScript(): TypeScriptCompiler | undefined {
  const packageFile = resolveFrom(import.meta.url, "typescript/package.json");
  if (packageFile === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const folder = dirname(packageFile);
  const platformFile = resolveFrom(packageFile, `@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  if (platformFile !== undefined) {
    const binary = join(dirname(platformFile), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
    if (existsSync(binary)) return { version, command: binary, leadingArguments: [], folders: [folder, dirname(platformFile)] };
  }
  const script = join(folder, "bin", "tsc");
  if (!existsSync(script)) return undefined;
  return { version, command: process.execPath, leadingArguments: [script], folders: [folder] };
}

function resolveFrom(importer: string, specifier: string): string | undefined {
  try {
    return createRequire(importer).resolve(specifier);
  } catch {
    return undefined;
  }
}
