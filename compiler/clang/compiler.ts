import type { SourceFile } from "../../diagnostics/span.js";

/** C text for a BPF program, complete: it includes nothing. */
export interface CSource {
  readonly text: string;
  /**
   * The files that its #line directives name. A compiler looks them up by these paths, because LLVM copies the named
   * lines into BTF, from where the verifier's log quotes them (BTFDebug::populateFileContent).
   */
  readonly files: readonly SourceFile[];
}

/** How a compile that made no object ended. */
export type CompilerEnd =
  | { readonly kind: "exit"; readonly code: number }
  /** The compiler died: "SIGSEGV". */
  | { readonly kind: "signal"; readonly signal: string }
  /** Stopped by us after so many seconds. */
  | { readonly kind: "timeout"; readonly seconds: number }
  /** It never ran. */
  | { readonly kind: "not-started"; readonly reason: string };

/** `ms` is wall time. `output` is the compiler's own text, in the plain form of clang's messages (no carets, no colour). */
export type CompileResult =
  | { readonly ok: true; readonly object: Uint8Array; readonly ms: number }
  | { readonly ok: false; readonly end: CompilerEnd; readonly output: string; readonly ms: number };

/** Something that turns BPF C into an object file: a clang of this machine, or one that comes with the package. */
export interface BpfCompiler {
  readonly kind: "native" | "embedded";
  /** For people: "clang 19.1.7 (/usr/bin/clang-19)". */
  readonly description: string;
  /** Changes whenever the same C text could give another object: goes into the cache key. Known without running the compiler. */
  readonly identity: string;
  /** Begins to get ready, for a compiler to which that takes time; `compile` does so by itself, but later. Returns at once. */
  start?(): void;
  /** Gives up what `start` or `compile` took (a process, its memory). It can compile again after that. */
  stop?(): Promise<void>;
  /** Compiles. What is wrong with the C text is a result, not an exception; an abort rejects with the signal's reason. */
  compile(source: CSource, signal?: AbortSignal): Promise<CompileResult>;
}
