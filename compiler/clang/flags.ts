/**
 * The flags every object is compiled with, in both spellings: of the clang command ("driver"), and of `clang -cc1`, its
 * inner form, for a compiler that has no driver. A flag is only ever added here; test/unit/compiler/clang/flags.test.ts
 * asks a real driver (`-###`) whether the two columns agree.
 */
export interface CompilerFlag {
  readonly driver: readonly string[];
  readonly cc1: readonly string[];
}

function same(flag: string): CompilerFlag {
  return { driver: [flag], cc1: [flag] };
}

export const COMPILER_FLAGS: readonly CompilerFlag[] = [
  // "bpf" is BPF of this machine's byte order.
  { driver: ["-target", "bpf"], cc1: ["-triple", "bpf"] },
  // v3 (32-bit registers and jumps) is the newest instruction set that every kernel from our floor, 5.8, runs: 32-bit jumps came
  // with 5.1. v4 (signed division, sign-extending loads) needs 6.6. What v3 also allows but 5.8 lacks are atomics that return
  // the old value (5.12): the C printer must not use their results.
  { driver: ["-mcpu=v3"], cc1: ["-target-cpu", "v3"] },
  // The verifier accepts little that is not optimised: without inlining and constant folding its limits are soon reached.
  same("-O2"),
  // DWARF is only the carrier: LLVM makes .BTF and .BTF.ext out of the debug information.
  { driver: ["-g"], cc1: ["-debug-info-kind=constructor", "-dwarf-version=5"] },
  // The text comes through standard input and the directory is fixed, so the object does not depend on any temporary path.
  same("-fdebug-compilation-dir=/"),
  // No version text in the object: equal code from two builds of one clang is then equal bytes.
  { driver: ["-fno-ident"], cc1: ["-Qn"] },
  { driver: ["-nostdinc"], cc1: ["-nostdsysteminc", "-nobuiltininc"] },
  // As the kernel itself is built: the printed C reinterprets memory and relies on wrapping.
  { driver: ["-fno-strict-aliasing"], cc1: ["-relaxed-aliasing"] },
  same("-fwrapv"),
  // Else a loop that fills an array of 300 bytes becomes a call of memset, which BPF does not have.
  same("-fno-builtin"),
  // Some distributions turn it on for every target; in BPF it is an unknown function __stack_chk_fail.
  { driver: ["-fno-stack-protector"], cc1: [] },
  // BPF has no vectors: they would find nothing to do, and the embedded clang would be loaded with their code.
  { driver: ["-fno-vectorize", "-fno-slp-vectorize"], cc1: [] },
  // A user must never see a warning about C that we wrote. These few are always mistakes of ours: better refused than run.
  same("-Wno-everything"),
  same("-Werror=implicit-function-declaration"),
  same("-Werror=int-conversion"),
  same("-Werror=incompatible-pointer-types"),
  same("-Werror=return-type"),
  same("-Werror=uninitialized"),
  // Messages are read by a program (messages.ts). clang 19 crashes when asked for SARIF on a text with #line: plain form.
  same("-fno-caret-diagnostics"),
  { driver: ["-fno-color-diagnostics"], cc1: [] },
  // No "did you mean" with names of our C.
  same("-fno-spell-checking"),
  // A crash must not leave preprocessed files in /tmp.
  { driver: ["-fno-crash-diagnostics"], cc1: [] },
];

/** Arguments of the clang command that reads C from standard input and writes the object (or assembly) to standard output. */
export function driverArguments(output: "object" | "assembly"): string[] {
  const flags = COMPILER_FLAGS.flatMap((flag) => flag.driver);
  return [...flags, output === "object" ? "-c" : "-S", "-o", "-", "-x", "c", "-"];
}

/**
 * What every driver adds to the -cc1 line for BPF at our flags, and what decides about the object; checked by the same test.
 * -emit-obj comes first by custom.
 */
const DRIVER_ADDITIONS: readonly string[] = [
  "-disable-free",
  "-clear-ast-before-backend",
  "-disable-llvm-verifier",
  "-discard-value-names",
  "-main-file-name",
  "-",
  "-mrelocation-model",
  "static",
  "-mframe-pointer=all",
  "-fmath-errno",
  "-ffp-contract=on",
  "-fno-rounding-math",
  "-mconstructor-aliases",
  "-debugger-tuning=gdb",
  "-ferror-limit",
  "19",
  "-fgnuc-version=4.2.1",
  "-faddrsig",
  "-D__GCC_HAVE_DWARF2_CFI_ASM=1",
];

/** The same for a clang without a driver: arguments that follow `clang`. */
export function cc1Arguments(): string[] {
  const flags = COMPILER_FLAGS.flatMap((flag) => flag.cc1);
  return ["-cc1", "-emit-obj", ...DRIVER_ADDITIONS, ...flags, "-o", "-", "-x", "c", "-"];
}
