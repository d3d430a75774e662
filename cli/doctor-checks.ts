import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { cacheDirectory, chooseCompiler, tryCompiler } from "../compiler/clang/index.js";
import type { FailureClass } from "../diagnostics/diagnostic.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { explainPermission, missingForTracing, readSecurityState } from "../kernel/capabilities.js";
import { findFunction } from "../kernel/find-function.js";
import { openKernelBtf } from "../kernel/kernel-btf.js";
import { openTracefs } from "../kernel/tracefs.js";
import { explainInLine, openLibbpf } from "../runtime/libbpf/library.js";
import {
  ATTACH_FENTRY,
  type Attempt,
  lockedMemoryLimit,
  PROGRAM_TYPES,
  tryKprobe,
  tryProgram,
  tryRingBuffer,
} from "../runtime/probing/bpf-calls.js";

/** One thing the doctor looked at. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** Set when tcpstates cannot run without it. */
  readonly required?: FailureClass;
  /** When not ok: what does not work then. */
  readonly cost?: string;
  /** When not ok: what mends it. */
  readonly mend?: string;
  /** When not ok, though required: what runs all the same. */
  readonly runs?: string;
}

type Check = () => Finding | Promise<Finding>;

/** Functions that every kernel with networking has, for trying probes on functions. */
const TRY_FUNCTIONS = ["tcp_v4_connect", "vfs_read", "do_sys_openat2"];

/** All checks, in the order they are shown. Each tries the thing itself; none goes by version numbers. */
export const CHECKS: readonly Check[] = [
  kernel,
  capabilities,
  ringBuffer,
  tracepointPrograms,
  lockdown,
  tracefs,
  btf,
  kprobes,
  functions,
  libbpf,
  compiler,
  cache,
  lockedMemory,
];

function kernel(): Finding {
  const ok = process.platform === "linux";
  return {
    id: "kernel",
    title: "kernel",
    ok,
    found: `${ok ? "Linux" : process.platform} ${release()} on ${process.arch}`,
    required: "kernel",
    cost: "probes run on Linux only; check and show work here",
    mend: "run it on a Linux host",
  };
}

interface Privilege {
  readonly found: string;
  readonly mend: string;
}

/** What this process lacks to trace, as far as that is known before trying; a lock-down has a check of its own. */
function missingPrivilege(): Privilege | undefined {
  const state = readSecurityState();
  const missing = missingForTracing(state);
  if (missing.length > 0) return { found: `missing ${missing.join(" and ")}`, mend: "run with sudo" };
  const explained = explainPermission({ ...state, lockdown: undefined });
  return explained && { found: explained.message, mend: explained.hints?.[0] ?? "run with sudo" };
}

/** What is missing, if that explains a refusal: the refusal then tells nothing about the kernel. */
function privilegeFor(result: Attempt): Privilege | undefined {
  return !result.ok && /^(EPERM|EACCES)\b/.test(result.reason) ? missingPrivilege() : undefined;
}

function attempt(
  id: string,
  title: string,
  result: Attempt,
  good: string,
  rest: Pick<Finding, "required" | "cost" | "mend">,
): Finding {
  const { required, ...failed } = rest;
  const base = { id, title, ...(required === undefined ? {} : { required }) };
  if (result.ok) return { ...base, ok: true, found: good };
  const privilege = privilegeFor(result);
  const found = `refused: ${result.reason}`;
  if (privilege === undefined) return { ...base, ok: false, found, ...failed };
  if (required !== undefined) return { ...base, ok: false, found, ...failed, mend: privilege.mend };
  const cost = "it cannot be told whether this kernel has it";
  return { ...base, ok: false, found: `not known without privileges (${found})`, cost, mend: privilege.mend };
}

function ringBuffer(): Finding {
  return attempt("ring-buffer", "ring buffer map", tryRingBuffer(), "made one", {
    required: "kernel",
    cost: "no events can be sent",
    mend: "run with sudo; if that does not help, the kernel is older than 5.8 or built without CONFIG_BPF_SYSCALL",
  });
}

function tracepointPrograms(): Finding {
  return attempt("tracepoint-programs", "tracepoint programs", tryProgram(PROGRAM_TYPES.tracepoint), "loaded one", {
    required: "permission",
    cost: "no tracepoint can be traced",
    mend: "run with sudo; if that does not help, the kernel has no CONFIG_BPF_EVENTS",
  });
}

function capabilities(): Finding {
  const missing = missingPrivilege();
  return {
    id: "capabilities",
    title: "capabilities",
    ok: missing === undefined,
    found: missing?.found ?? "CAP_BPF and CAP_PERFMON",
    required: "permission",
    cost: "nothing can be loaded",
    ...(missing === undefined ? {} : { mend: missing.mend }),
  };
}

function lockdown(): Finding {
  const { lockdown: mode } = readSecurityState();
  const ok = mode !== "confidentiality";
  return {
    id: "lockdown",
    title: "lockdown",
    ok,
    found: mode ?? "not in this kernel",
    required: "kernel",
    cost: "programs may not read kernel memory",
    mend: "boot without lockdown=confidentiality",
  };
}

function tracefs(): Finding {
  const base = { id: "tracefs", title: "tracefs", required: "permission" } as const;
  try {
    const { root, mountedNow } = openTracefs();
    return { ...base, ok: true, found: mountedNow ? `${root} (was not mounted; mounted now)` : root };
  } catch (error) {
    return failed(base, error, "no tracepoint can be found");
  }
}

/** A check that ended with a diagnostic: its words, its first hint, and the exit code that a run would end with. */
function failed(base: Pick<Finding, "id" | "title" | "required">, error: unknown, cost: string): Finding {
  if (!(error instanceof DiagnosticError)) throw error;
  const [first] = error.diagnostics;
  const hint = first?.hints?.[0];
  const required = base.required === undefined || first === undefined ? {} : { required: first.failure };
  return {
    ...base,
    ...required,
    ok: false,
    found: first?.message ?? "not usable",
    cost,
    ...(hint === undefined ? {} : { mend: hint }),
  };
}

function btf(): Finding {
  // tcpstates asks BTF for the owner of a socket.
  const base = { id: "btf", title: "BTF", required: "kernel" } as const;
  try {
    return { ...base, ok: true, found: `${openKernelBtf().typeCount.toLocaleString("en")} types` };
  } catch (error) {
    const cost = "no script that reads kernel structs runs, such as tcpstates";
    return { ...failed(base, error, cost), runs: "a script runs that reads no more than its tracepoints' own fields" };
  }
}

function kprobes(): Finding {
  const file = "/sys/bus/event_source/devices/kprobe/type";
  const result: Attempt = !existsSync(file)
    ? { ok: false, reason: "this kernel has no kprobes" }
    : tryAll(
        () => tryProgram(PROGRAM_TYPES.kprobe),
        () => tryKprobe(Number(readFileSync(file, "utf8")), TRY_FUNCTIONS[0] as string),
      );
  return attempt("kprobes", "kprobes", result, "opened one", {
    cost: "kernel functions cannot be traced by kprobe; tracepoints can",
    mend: "use a kernel with CONFIG_KPROBES",
  });
}

function tryAll(...attempts: readonly (() => Attempt)[]): Attempt {
  for (const one of attempts) {
    const result = one();
    if (!result.ok) return result;
  }
  return { ok: true };
}

function functions(): Finding {
  const rest = {
    cost: "no fentry, fexit or iterators; tracepoints work",
    mend: "use a kernel with BTF that allows programs of type TRACING",
  };
  try {
    const target = findFunction(openKernelBtf(), TRY_FUNCTIONS);
    const result: Attempt =
      target === undefined
        ? { ok: false, reason: "BTF has no function to try" }
        : tryProgram(PROGRAM_TYPES.tracing, { type: ATTACH_FENTRY, btfId: target.id });
    return attempt("tracing-programs", "TRACING programs (fentry)", result, `loaded one for ${target?.name}`, rest);
  } catch (error) {
    return failed({ id: "tracing-programs", title: "TRACING programs (fentry)" }, error, rest.cost);
  }
}

function libbpf(): Finding {
  const base = { id: "libbpf", title: "libbpf", required: "load" } as const;
  try {
    const { version, origin, path, instead } = openLibbpf();
    const found = `${version} (${origin}) ${path}`;
    return { ...base, ok: true, found: instead === undefined ? found : `${found}; ${instead}` };
  } catch (error) {
    const finding = failed(base, error, "nothing can be loaded");
    return error instanceof DiagnosticError ? { ...finding, found: explainInLine(error) } : finding;
  }
}

async function compiler(): Promise<Finding> {
  const base = { id: "compiler", title: "compiler", required: "compiler-missing" } as const;
  try {
    const chosen = await chooseCompiler({ cacheDir: cacheDirectory() });
    await tryCompiler(chosen);
    return { ...base, ok: true, found: chosen.description };
  } catch (error) {
    return failed(base, error, "no script can be compiled");
  }
}

function cache(): Finding {
  const { path, fallback, reason } = cacheDirectory();
  return {
    id: "cache",
    title: "cache",
    ok: !fallback,
    found: reason === undefined ? path : `${path}: ${reason}`,
    cost: "each run compiles again after a restart",
    mend: "set TSPROBE_CACHE_DIR to a directory of yours",
  };
}

/** Kernels before 5.11 charged maps to this limit; it is never fatal by itself, so the real question is whether a map can be made. */
function lockedMemory(): Finding {
  const base = { id: "memlock", title: "locked memory" };
  const limit = lockedMemoryLimit();
  if (limit === undefined) return { ...base, ok: true, found: "unlimited" };
  const size = `${(limit / 1024n).toLocaleString("en")} KiB`;
  const result = tryRingBuffer();
  if (result.ok) return { ...base, ok: true, found: `${size}, which this kernel does not count maps against` };
  const cost = "large maps may be refused";
  const privilege = privilegeFor(result);
  if (privilege === undefined) return { ...base, ok: false, found: size, cost, mend: "ulimit -l unlimited" };
  const found = `${size}; whether maps count against it is not known without privileges`;
  return { ...base, ok: false, found, cost, mend: privilege.mend };
}
