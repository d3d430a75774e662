import type * as OxcParser from "oxc-parser";
import { startEsbuild } from "./esbuild.js";
import { importModule } from "./import-module.js";

/**
 * Starts the bundler's process and loads the parser, so that `loadScript` finds them ready.
 * Call it before anything else and do not wait for it.
 */
export async function warmUp(): Promise<void> {
  const started = startEsbuild();
  const { parseSync } = (await importModule("oxc-parser")) as typeof OxcParser;
  // The first parse binds the native code.
  void parseSync("warm.ts", "", { lang: "ts" }).program;
  await started;
}
