import { realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempFolder, orRefuse } from "../temp-folder.js";
import type { ExtraDeclarations } from "./extra-declarations.js";
import { untypedNode } from "./node-types.js";

/** What decides a verdict besides the files themselves. */
export interface ProjectSettings {
  readonly entry: string;
  /** "tsprobe", "tsprobe/kernel", … → declaration file. */
  readonly own: Readonly<Record<string, string>>;
  readonly extraDeclarations: ExtraDeclarations;
  /** Folder of `@types`, if Node's types are there. */
  readonly nodeTypes: string | undefined;
  /** The script seems to use nothing of Node's or the web's: their types, most of what a check costs, are left out. */
  readonly bare: boolean;
}

/** The compiler options scripts are checked with: strict, and with the imports that the bundler understands. */
export function compilerOptions({ own, nodeTypes, bare }: ProjectSettings): object {
  const web = bare || nodeTypes !== undefined ? [] : ["dom"];
  const typed = !bare && nodeTypes !== undefined;
  return {
    strict: true,
    noEmit: true,
    target: "es2023",
    lib: ["es2023", "esnext.disposable", ...web],
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    customConditions: ["node"],
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    // Helpers in JavaScript have the types that can be inferred, and are not checked.
    allowJs: true,
    checkJs: false,
    isolatedModules: true,
    skipLibCheck: true,
    types: typed ? ["node"] : [],
    ...(typed ? { typeRoots: [nodeTypes] } : {}),
    paths: Object.fromEntries(Object.entries(own).map(([name, file]) => [name, [file]])),
  };
}

/** A tsconfig.json of our own in a private folder; the user's is not looked at. */
export class Project {
  readonly folder: string;
  readonly configFile: string;

  constructor(settings: ProjectSettings) {
    this.folder = realpathSync(makeTempFolder("tsprobe-check-"));
    process.on("exit", this.#remove);
    const extra = join(this.folder, "tsprobe-kernel.d.ts");
    const untyped = join(this.folder, "untyped-node.d.ts");
    this.configFile = join(this.folder, "tsconfig.json");
    const standIn = settings.nodeTypes === undefined && !settings.bare;
    const files = [settings.entry, extra, ...(standIn ? [untyped] : [])];
    try {
      orRefuse(() => {
        writeFileSync(extra, settings.extraDeclarations.text());
        if (standIn) writeFileSync(untyped, untypedNode());
        writeFileSync(this.configFile, JSON.stringify({ compilerOptions: compilerOptions(settings), files }));
      });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  dispose(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true });
}
