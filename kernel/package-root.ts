import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the installed package, or of the checkout: the nearest one above this file with a package.json.
 * dist has none of its own, so bundled code finds the same folder as the sources do.
 * @throws Error when there is none, because a file was copied out of the package
 */
export function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${start}: tsprobe is not installed whole`);
  }
}
