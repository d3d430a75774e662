import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { SourceFile } from "../../diagnostics/span.js";
import { nearestNames } from "../../kernel/nearest.js";

/** Reads a text file; offsets and columns are counted without a byte order mark. */
export async function readSource(path: string): Promise<SourceFile> {
  const text = await readFile(path, "utf8");
  return { path, text: text.startsWith("\uFEFF") ? text.slice(1) : text };
}

/**
 * Reads the script the user named. Its path becomes the real one, which is also what `import.meta` and imports see.
 * @throws DiagnosticError when there is no such file, it cannot be read, or its path cannot be imported from
 */
export async function readScript(path: string): Promise<SourceFile> {
  const absolute = resolve(path);
  try {
    const real = await realpath(absolute);
    if (real.includes("\\")) throw new DiagnosticError(backslash(path, real));
    if ((await stat(real)).isDirectory()) throw new DiagnosticError(await directoryGiven(path, real));
    return await readSource(real);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DiagnosticError(
      code === "ENOENT" || code === "ENOTDIR" ? await missing(path, absolute) : unreadable(path, code, message),
    );
  }
}

function problem(message: string, hints: readonly string[]): Diagnostic {
  return { code: "TSP2001", failure: "script-missing", severity: "error", message, ...(hints.length === 0 ? {} : { hints }) };
}

/** tsc takes it for a slash, and Node imports no module of such a name. */
function backslash(path: string, real: string): Diagnostic {
  const message = `a script whose path has a backslash in it cannot be run: "${path}"`;
  return problem(message, [`give the file and its directories names without one: ${real}`]);
}

async function missing(path: string, absolute: string): Promise<Diagnostic> {
  const directory = dirname(absolute);
  const names = await readdir(directory).catch(() => undefined);
  if (names === undefined) return problem(`there is no script "${path}"`, [`the directory "${dirname(path)}" does not exist`]);
  const wanted = basename(absolute);
  const scripts = names.filter(isScript);
  const stem = (name: string): string => name.slice(0, name.length - extname(name).length);
  const near =
    scripts.find((name) => stem(name) === stem(wanted) || stem(name) === wanted) ?? nearestNames(wanted, scripts, 1)[0];
  return problem(`there is no script "${path}"`, near === undefined ? [] : [`did you mean ${besides(path, near)}?`]);
}

async function directoryGiven(path: string, directory: string): Promise<Diagnostic> {
  const scripts = (await readdir(directory).catch(() => [])).filter(isScript).sort();
  const shown = scripts.slice(0, 5).map((name) => relative(".", resolve(directory, name)) || name);
  const more = scripts.length - shown.length;
  const hint = `name one of its scripts: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return problem(`"${path}" is a directory, not a script`, shown.length === 0 ? [] : [hint]);
}

function unreadable(path: string, code: string, message: string): Diagnostic {
  const hint = code === "EACCES" || code === "EPERM" ? "you have no permission to read it" : message;
  return problem(`cannot read the script "${path}"`, [hint]);
}

function isScript(name: string): boolean {
  return /\.m?[tj]s$/.test(name) && !name.endsWith(".d.ts");
}

/** The path of another file in the same folder, written the way the user wrote the first. */
function besides(path: string, name: string): string {
  return path.slice(0, path.length - basename(path).length) + name;
}
