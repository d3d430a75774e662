// tsprobe's own runner and flags, from their sources: what is trained is then what is run. Needs `npm ci`.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @returns compiler/clang's runCommand and cc1Arguments */
export async function loadRunner() {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { build } = createRequire(import.meta.url)("esbuild");
  const contents = 'export { runCommand } from "./wasm/command.ts"; export { cc1Arguments } from "./flags.ts";';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, "compiler/clang"), loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
