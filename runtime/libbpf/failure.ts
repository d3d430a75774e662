import { release } from "node:os";
import type { Program, ProgramProbe } from "../../compiler/program.js";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import { explainPermission, missingForTracing, readSecurityState } from "../../kernel/capabilities.js";
import { EACCES, ENOMEM, EPERM, errnoName } from "../ffi/errno.js";
import { diagnoseVerifierLog } from "../verifier.js";

/** Everything known about a bpf_object__load that failed. */
export interface LoadFailure {
  /** Positive. */
  readonly errno: number;
  /** The program the kernel refused, if it got that far. */
  readonly probe: ProgramProbe | undefined;
  /** What the kernel wrote for it; empty if it refused without looking. */
  readonly verifierLog: string;
  /** What libbpf wrote about it. */
  readonly libbpfText: string;
}

/** Oldest kernel that can run our programs: the ring buffer came with 5.8. */
const FLOOR = { major: 5, minor: 8 };

function belowFloor(): boolean {
  const [major = 0, minor = 0] = release()
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return major < FLOOR.major || (major === FLOOR.major && minor < FLOOR.minor);
}

/** EPERM without a verifier's word: the process may not, or the kernel lets nobody. */
export function diagnosePermission(what: string, details: string): Diagnostic {
  const state = readSecurityState();
  const explained = explainPermission(state);
  const missing = missingForTracing(state);
  const base = { severity: "error", ...(details === "" ? {} : { details }) } as const;
  if (explained !== undefined)
    return {
      ...base,
      code: "TSP6003",
      failure: "permission",
      message: `no permission to ${what}: ${missing.length > 0 ? `${missing.join(" and ")} missing` : explained.message}`,
      hints: explained.hints ?? [],
    };
  return {
    ...base,
    code: "TSP6004",
    failure: "kernel",
    message: `this kernel does not let anybody ${what} (EPERM), although the process has all capabilities`,
    hints: ["a security module, a seccomp filter of the container or the kernel's own configuration forbids it"],
  };
}

/** The line of libbpf's text that says most: about the map if it was one, else its last that is not about the whole. */
function complaint(text: string, map?: string): string | undefined {
  const lines = text.split("\n").map((line) => line.replace(/^libbpf: /, "").trim());
  const aboutMap = map === undefined ? undefined : lines.find((line) => line.includes(`map '${map}'`));
  return aboutMap ?? lines.findLast((line) => line !== "" && !/^failed to load object|failed to load BPF skeleton/.test(line));
}

/** Turns a failed load into what the user is told. */
export function diagnoseLoadFailure(failure: LoadFailure, program: Program): Diagnostic {
  const { errno, probe, verifierLog, libbpfText } = failure;
  if (belowFloor())
    return {
      code: "TSP6005",
      failure: "kernel",
      severity: "error",
      message: `this kernel is too old: ${release()}; tsprobe needs Linux 5.8 or newer`,
      details: libbpfText,
    };
  if (verifierLog.trim() !== "" && probe !== undefined) return diagnoseVerifierLog(verifierLog, program, probe);
  const map = libbpfText.match(/map '([^']+)': failed to create/)?.[1];
  if (errno === EPERM || (errno === EACCES && probe === undefined)) {
    // Before 5.11 BPF memory counts against RLIMIT_MEMLOCK, and too little of it is EPERM as well.
    const diagnostic = diagnosePermission(map === undefined ? "load BPF programs" : "create BPF maps", libbpfText);
    return diagnostic.failure === "kernel" && map !== undefined
      ? { ...diagnostic, hints: ["try with more locked memory: `ulimit -l unlimited`", ...(diagnostic.hints ?? [])] }
      : diagnostic;
  }
  const said = complaint(libbpfText, map);
  const place = program.maps.find((entry) => entry.cName === map);
  const subject = place !== undefined ? `map "${place.name}"` : map !== undefined ? `the internal map "${map}"` : "the program";
  const span = place?.span ?? probe?.span;
  return {
    code: "TSP6006",
    failure: "load",
    severity: "error",
    message: `the kernel did not take ${subject} (${errnoName(errno)})`,
    ...(span === undefined ? {} : { span }),
    hints: [
      ...(errno === ENOMEM || errnoName(errno) === "E2BIG"
        ? ["there is not enough memory for maps of this size: make them smaller"]
        : []),
      ...(said === undefined ? [] : [`libbpf says: ${said}`]),
    ],
    details: libbpfText,
  };
}

/** An object libbpf could not even read: a damaged cache entry, or another compiler's output. */
export function unreadableObject(errno: number, libbpfText: string): DiagnosticError {
  const said = complaint(libbpfText);
  return new DiagnosticError({
    code: "TSP6007",
    failure: "load",
    severity: "error",
    message: `libbpf cannot read the compiled program (${errnoName(errno)})`,
    ...(said === undefined ? {} : { hints: [`libbpf says: ${said}`] }),
    details: libbpfText,
  });
}
