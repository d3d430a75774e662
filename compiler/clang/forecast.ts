import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { ContentCache } from "../cache/content-cache.js";
import type { BpfCompiler } from "./compiler.js";

/** Bump when objects that were kept are not found any more, for whatever reason. */
const FORECAST_FORMAT = 1;

/**
 * The script's path and stamp, and the compiler. An imported file may have changed, or the kernel: then the forecast is wrong, which
 * costs time (the compiler starts when the C is there) and nothing else.
 */
function forecastKey(script: string, compiler: BpfCompiler): string | undefined {
  const path = resolve(script);
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined
    ? undefined
    : ["forecast", FORECAST_FORMAT, path, found.mtimeMs, found.size, compiler.identity].join("\n");
}

/**
 * Whether a script's object is probably in the cache, told before its C is known: after the last run of the script as it is now, it was.
 * @param script its path
 */
export function expectCached(cache: ContentCache, script: string, compiler: BpfCompiler): boolean {
  const key = forecastKey(script, compiler);
  return key !== undefined && cache.read(key) !== undefined;
}

/** Notes for the next run that this script's object is in the cache. */
export function rememberCached(cache: ContentCache, script: string, compiler: BpfCompiler): void {
  const key = forecastKey(script, compiler);
  if (key !== undefined && cache.read(key) === undefined) cache.write(key, new Uint8Array());
}
