import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { makeTempFolder, orRefuse } from "../temp-folder.js";
import { importModule } from "./import-module.js";

/** The first thing a bundle does when it runs: `globalThis[STARTED]?.(import.meta.url)`. */
export const STARTED = Symbol.for("tsprobe.script.started");

/** What to do when a bundle, known by its URL, begins to run. */
const waiting = new Map<string, () => void>();

/** A bundle written to a file that only this user can see. */
export class BundleFile {
  readonly path: string;
  readonly url: string;
  readonly #directory: string;

  constructor(name: string, code: string, map: object) {
    this.#directory = makeTempFolder("tsprobe-");
    this.path = join(this.#directory, `${basename(name)}.mjs`);
    this.url = pathToFileURL(this.path).href;
    process.on("exit", this.#remove);
    const inlineMap = Buffer.from(JSON.stringify(map)).toString("base64");
    const text = `${code}\n//# sourceMappingURL=data:application/json;base64,${inlineMap}\n`;
    try {
      orRefuse(() => writeFileSync(this.path, text, { mode: 0o600 }));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Runs it. The file is gone once its first statement runs, because a script may go on for as long as events come
   * (a `for await` at its top level); Node keeps code and source map.
   */
  async run(): Promise<void> {
    process.setSourceMapsEnabled(true);
    waiting.set(this.url, () => this.dispose());
    (globalThis as { [STARTED]?: (url: string) => void })[STARTED] = (url) => waiting.get(url)?.();
    try {
      await importModule(this.url);
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    waiting.delete(this.url);
    process.off("exit", this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => rmSync(this.#directory, { recursive: true, force: true });
}
