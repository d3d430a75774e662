import { startEsbuild } from "./esbuild.js";

/**
 * Starts the bundler's process and loads the parser, so that `loadScript` finds them ready.
 * Call it before anything else and do not wait for it.
 */
export async function warmUp(): Promise<void> {
  const started = startEsbuild();
  const { parseSync } = await import("oxc-parser");
  // The first parse binds the native code.
  void parseSync("warm.ts", "", { lang: "ts" }).program;
  await started;
}
