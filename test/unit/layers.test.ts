import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Imports go down this list only (docs/architecture.md). */
const LAYERS = ["cli", "runtime", "compiler", "hooks", "kernel", "dsl", "diagnostics"];

/** Imports that go up all the same, each with its reason: "from -> to": "reason". */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** A hard look at 300 lines; nothing beyond this. */
const MOST_LINES = 400;

interface Source {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  /** What it imports or re-exports, statically or not. */
  readonly imports: readonly string[];
  readonly hasDefaultExport: boolean;
}

function read(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const { module, errors } = parseSync(path, text);
  expect(errors, path).toEqual([]);
  const exported = module.staticExports.flatMap((statement) => statement.entries);
  return {
    path,
    text,
    imports: [
      ...module.staticImports.map((statement) => statement.moduleRequest.value),
      ...exported.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
      ...module.dynamicImports
        .map(({ moduleRequest: { start, end } }) => text.slice(start, end))
        .flatMap((request) => /^["'`](.*)["'`]$/.exec(request)?.[1] ?? []),
    ],
    hasDefaultExport: exported.some(({ exportName }) => exportName.kind === "Default"),
  };
}

function sourcesIn(...folders: string[]): Source[] {
  return folders.flatMap((folder) => listTypeScript(folder).map(read));
}

function listTypeScript(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
}

const layered = sourcesIn(...LAYERS);
const scripts = sourcesIn("probes", "examples");

const folderOf = (path: string) => path.split("/")[0] as string;
const targetOf = (source: Source, request: string) => normalize(join(dirname(source.path), request));
const relativeImports = (source: Source) => source.imports.filter((request) => request.startsWith("."));

test("there are sources in the layers", () => {
  expect(layered.length).toBeGreaterThan(150);
  expect(scripts.map(({ path }) => path)).toContain("probes/tcpstates.ts");
});

test("imports only go down the layers", () => {
  const upwards = layered.flatMap((source) =>
    relativeImports(source)
      .map((request) => targetOf(source, request))
      .filter((target) => !(LAYERS.indexOf(folderOf(target)) >= LAYERS.indexOf(folderOf(source.path))))
      .map((target) => `${source.path} -> ${target}`),
  );
  expect(upwards.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});

test("relative imports name a file that is there, with its ending", () => {
  const wrong = [...layered, ...scripts].flatMap((source) =>
    relativeImports(source)
      .filter((request) => !request.endsWith(".js") || !existsSync(join(root, targetOf(source, request).replace(/\.js$/, ".ts"))))
      .map((request) => `${source.path}: ${request}`),
  );
  expect(wrong).toEqual([]);
});

/** "tsprobe/net" is kernel code, which imports what scripts import by name. */
const isOwn = (request: string) => /^tsprobe(\/|$)/.test(request);

test("packages in use are dependencies, and every dependency is in use", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const packages = layered.flatMap(({ imports }) =>
    imports.filter((request) => !request.startsWith(".") && !isBuiltin(request) && !isOwn(request)),
  );
  const names = new Set(packages.map((request) => /^(@[^/]+\/)?[^/]+/.exec(request)?.[0]));
  // scripts/build.mjs puts it into dist/code.cjs.
  expect(names.delete("magic-string")).toBe(true);
  expect([...names].filter((name) => name !== undefined && !Object.hasOwn(dependencies, name))).toEqual([]);
  // These two are not imported: tsc runs as a process, and scripts are checked against Node's types.
  expect(Object.keys(dependencies).sort()).toEqual([...names, "@types/node", "typescript"].sort());
});

// What scripts call to look at this machine's /proc stands in dsl/net.
test("dsl/ runs anywhere: of Node it takes only the argument parser", () => {
  // What names a place of this machine, a cgroup or a network namespace, has to look there; so has the host's part of tsprobe/net.
  const anywhere = layered.filter(
    ({ path }) => path.startsWith("dsl/") && !path.startsWith("dsl/net/") && path !== "dsl/kernel-places.ts",
  );
  const used = anywhere.flatMap(({ imports }) => imports.filter(isBuiltin));
  expect([...new Set(used)]).toEqual(["node:util"]);
});

test("probes and examples import what a user's script can import", () => {
  const foreign = scripts.flatMap((source) =>
    source.imports
      .filter((request) => !/^tsprobe(\/|$)/.test(request))
      .filter((request) => !request.startsWith(".") || folderOf(targetOf(source, request)) !== folderOf(source.path))
      .map((request) => `${source.path}: ${request}`),
  );
  expect(foreign).toEqual([]);
});

test("named exports only", () => {
  expect(layered.filter((source) => source.hasDefaultExport).map(({ path }) => path)).toEqual([]);
});

test("no file is long, none is a drawer for odds and ends", () => {
  const long = layered
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES);
  expect(long).toEqual([]);
  expect(layered.filter(({ path }) => /(^|\/)(utils?|common|misc)\.ts$/.test(path)).map(({ path }) => path)).toEqual([]);
});
