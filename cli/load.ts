import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import type * as Code from "./code.js";
import { openCodeCache } from "./code-cache.js";

/**
 * Keeps what V8 has compiled for the next start, which takes 20 ms.
 * @param anew also if an earlier start has kept it: more of the code may have been used
 */
export type KeepCode = (anew: boolean) => void;

export interface LoadedCode {
  readonly code: typeof Code;
  readonly keep: KeepCode;
}

/** What the code finds around it, in place of what an ES module has: scripts/build.mjs puts these names in. */
export interface Surroundings {
  /** `import.meta.url` */
  readonly url: string;
  /** `import()` */
  readonly import: (specifier: string) => Promise<unknown>;
}

let loaded: LoadedCode | undefined;

/**
 * All code of tsprobe (`cli/code.ts`). It is one file that is run as a script, not imported, because V8 then takes what it compiled at an
 * earlier start: half of what a start takes would be compiling, of code that has not changed.
 * @param command what tsprobe is asked to do; undefined where a program imports tsprobe as a library, which keeps nothing
 */
export function loadCode(command?: string): LoadedCode {
  if (loaded !== undefined) return loaded;
  const file = new URL("../code.cjs", import.meta.url);
  const path = fileURLToPath(file);
  const cache = openCodeCache(command);
  const kept = cache?.read();
  // The build leaves ASCII only: nothing is decoded, and V8 has one byte for each character.
  const script = new Script(`(function (module, require, tsprobe) {${readFileSync(path, "latin1")}\n})`, {
    filename: path,
    ...(kept === undefined ? {} : { cachedData: kept }),
  });
  const module = { exports: {} as typeof Code };
  const surroundings: Surroundings = { url: file.href, import: (specifier) => import(specifier) };
  script.runInThisContext()(module, createRequire(file), surroundings);
  const first = script.cachedDataRejected !== false;
  let size = first ? 0 : (kept?.length ?? 0);
  loaded = {
    code: module.exports,
    keep: (anew) => {
      if (cache !== undefined && (anew || first)) size = cache.keep(script.createCachedData(), size);
    },
  };
  return loaded;
}
