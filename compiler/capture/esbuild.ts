import { createRequire } from "node:module";
import type * as Esbuild from "esbuild";

const require = createRequire(import.meta.url);
let started: Promise<void> | undefined;

/** The bundler. Required, not imported: Node takes 20 ms for it so, and 100 ms when import has to look for its exports. */
export function loadEsbuild(): typeof Esbuild {
  return require("esbuild");
}

/** Starts the bundler's process; builds do it themselves if nobody did. */
export function startEsbuild(): Promise<void> {
  started ??= loadEsbuild().initialize({});
  return started;
}

/** Ends the bundler's process, which costs some megabytes while a script runs; the next build starts a new one. */
export async function stopEsbuild(): Promise<void> {
  started = undefined;
  await loadEsbuild().stop();
}
