import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import { packageRoot } from "../../kernel/package-root.js";
import { NativeLibrary } from "../ffi/library.js";
import { readText } from "../ffi/memory.js";
import { bindLibbpf, type LibbpfApi } from "./api.js";
import { libraryPath, libraryProblem } from "./library-file.js";

/** Overrides the choice of libbpf with the path of a shared object. */
export const LIBBPF_VARIABLE = "TSPROBE_LIBBPF";

/** A loaded libbpf, where it came from and which it is. */
export interface Libbpf {
  readonly api: LibbpfApi;
  /** File that was mapped; the name asked for if that cannot be told. */
  readonly path: string;
  readonly origin: "environment" | "bundled" | "system";
  /** Such as "1.1.2". */
  readonly version: string;
  /** Why it is the system's, though one comes with tsprobe. */
  readonly instead?: string;
}

export interface LibbpfChoice {
  /** Shared objects that come with the package, best first; those that do not exist are passed over. Without a choice: this platform's. */
  readonly bundled?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Name the dynamic linker is asked for in the end. */
  readonly system?: string;
}

const INSTALL_HINTS = [
  "install it: `sudo apt-get install libbpf1` (Debian, Ubuntu), `sudo dnf install libbpf` (Fedora), `sudo apk add libbpf` (Alpine)",
  `or name one: ${LIBBPF_VARIABLE}=/path/to/libbpf.so.1`,
];

function failure(code: string, message: string, hints: readonly string[], details?: string): DiagnosticError {
  const diagnostic: Diagnostic = { code, failure: "load", severity: "error", message, hints };
  return new DiagnosticError(details === undefined ? diagnostic : { ...diagnostic, details });
}

/** The file a library was mapped from, which the dynamic linker chose: only the maps of the process tell. */
function mappedPath(name: string): string {
  if (name.includes("/")) return name;
  const line = readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .find((text) => /\/libbpf\.so\.1(\.[\d.]*)?$/.test(text));
  return line?.slice(line.indexOf("/")) ?? name;
}

/** The loaded version, or "" for a library so old that it does not tell (before 0.6), or that is another library. */
function versionOf(api: LibbpfApi): string {
  try {
    return readText(api.versionString()).replace(/^v/, "");
  } catch {
    return "";
  }
}

function openOne(name: string, origin: Libbpf["origin"]): Libbpf {
  let library: NativeLibrary;
  const problem = name.includes("/") ? libraryProblem(name) : undefined;
  try {
    if (problem !== undefined) throw new Error(problem);
    library = NativeLibrary.open(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const [shown, details] = problem === undefined ? [name, reason] : [`${name} (${problem})`];
    if (origin === "environment")
      throw failure(
        "TSP6001",
        `${LIBBPF_VARIABLE} names a library that does not load: ${shown}`,
        [`correct or unset ${LIBBPF_VARIABLE}`],
        details,
      );
    if (origin === "bundled")
      throw failure("TSP6001", `the libbpf that comes with tsprobe does not load: ${shown}`, INSTALL_HINTS.slice(1), details);
    throw failure(
      "TSP6001",
      "libbpf is not installed (libbpf.so.1): it loads the programs into the kernel",
      INSTALL_HINTS,
      reason,
    );
  }
  const api = bindLibbpf(library);
  const version = versionOf(api);
  // Before 1.0 errors are returned in other ways, unless asked for otherwise: silent misreading, so refuse it.
  if (Number.parseInt(version, 10) >= 1) return { api, path: mappedPath(name), origin, version };
  throw failure(
    "TSP6002",
    version === "" ? `${name} is not a libbpf that tsprobe can use` : `libbpf ${version} is too old: tsprobe needs 1.0 or newer`,
    origin === "environment" ? [`correct or unset ${LIBBPF_VARIABLE}`] : INSTALL_HINTS,
  );
}

/** The libbpf that comes with the package for this platform (toolchain/libbpf), whether it is there or not. */
function shippedLibbpf(): string {
  return join(packageRoot(), "toolchain", "libbpf", `${process.platform}-${process.arch}`, "libbpf.so.1");
}

/**
 * A bundled library needs glibc: where the system has another C library (Alpine) or an older one, the system's own libbpf does.
 * @returns why it does not load
 */
function tryBundled(path: string): Libbpf | DiagnosticError {
  try {
    return openOne(path, "bundled");
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics[0]?.code === "TSP6001") return error;
    throw error;
  }
}

/** A failure to load a library in one line. */
export function explainInLine({ diagnostics: [first] }: DiagnosticError): string {
  return [first?.message ?? "", ...(first?.details === undefined ? [] : [first.details.split("\n", 1)[0]])].join(": ");
}

/**
 * Loads libbpf: the one named by TSPROBE_LIBBPF, else the first bundled one that exists and loads, else the system's.
 * @throws DiagnosticError with the command that installs one
 */
export function openLibbpf(choice: LibbpfChoice = { bundled: [shippedLibbpf()] }): Libbpf {
  const named = (choice.environment ?? process.env)[LIBBPF_VARIABLE];
  if (named !== undefined && named !== "") return openOne(libraryPath(named), "environment");
  const bundled = choice.bundled?.find((path) => existsSync(path));
  const tried = bundled === undefined ? undefined : tryBundled(bundled);
  if (tried !== undefined && !(tried instanceof DiagnosticError)) return tried;
  try {
    const found = openOne(choice.system ?? "libbpf.so.1", "system");
    return tried === undefined ? found : { ...found, instead: explainInLine(tried) };
  } catch (error) {
    // Both reasons: why the system's does not do, and why it was asked for at all.
    if (error instanceof DiagnosticError && tried !== undefined)
      throw new DiagnosticError([...error.diagnostics, ...tried.diagnostics]);
    throw error;
  }
}
