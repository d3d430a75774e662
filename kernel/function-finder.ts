import type { Btf } from "./btf.js";
import {
  type KernelFunction,
  listFunctions,
  listRawTracepoints,
  type RawTracepoint,
  readFunction,
  readRawTracepoint,
} from "./functions.js";
import { matchGlob } from "./glob.js";
import { findInModules } from "./module-btf.js";
import { readFunctionSymbols, readKprobeBlacklist, readTraceableFunctions } from "./symbols.js";

/** Finds functions and raw tracepoints: in the kernel's BTF, then in its modules', and functions last among its symbols. */
export class FunctionFinder {
  readonly #btf: () => Btf;
  readonly #tracefsRoot: () => string | undefined;
  readonly #functions = new Map<string, KernelFunction | undefined>();
  readonly #rawTracepoints = new Map<string, RawTracepoint | undefined>();
  #symbols: ReadonlySet<string> | undefined;
  #traceable: { readonly names: ReadonlySet<string> | undefined } | undefined;
  #functionNames: readonly string[] | undefined;
  #rawNames: readonly string[] | undefined;

  /** @param tracefsRoot undefined where tracefs cannot be read */
  constructor(btf: () => Btf, tracefsRoot: () => string | undefined) {
    this.#btf = btf;
    this.#tracefsRoot = tracefsRoot;
  }

  function(name: string): KernelFunction | undefined {
    if (!this.#functions.has(name)) this.#functions.set(name, this.#findFunction(name));
    return this.#functions.get(name);
  }

  rawTracepoint(name: string): RawTracepoint | undefined {
    if (!this.#rawTracepoints.has(name)) this.#rawTracepoints.set(name, this.#findRawTracepoint(name));
    return this.#rawTracepoints.get(name);
  }

  functionNames(): readonly string[] {
    this.#functionNames ??= listFunctions(this.#btf());
    return this.#functionNames;
  }

  rawTracepointNames(): readonly string[] {
    this.#rawNames ??= listRawTracepoints(this.#btf());
    return this.#rawNames;
  }

  /** Functions that a pattern matches and that probes can be attached to. */
  matching(pattern: string): readonly string[] {
    const blacklist = readKprobeBlacklist();
    const known = this.#traceableNames();
    const names = known !== undefined ? [...known] : this.functionNames().filter((name) => this.#symbolNames().has(name));
    return matchGlob(pattern, names).filter((name) => !blacklist.has(name));
  }

  #findFunction(name: string): KernelFunction | undefined {
    const own = readFunction(this.#btf(), name);
    if (own !== undefined) return own;
    if (!this.#symbolNames().has(name)) return undefined;
    for (const { module, btf } of findInModules(name)) {
      const found = readFunction(btf, name, module);
      if (found !== undefined) return found;
    }
    return Object.freeze({ name, id: undefined, module: undefined, args: undefined, returns: undefined });
  }

  #findRawTracepoint(name: string): RawTracepoint | undefined {
    const own = readRawTracepoint(this.#btf(), name);
    if (own !== undefined) return own;
    for (const { module, btf } of findInModules(`btf_trace_${name}`)) {
      const found = readRawTracepoint(btf, name, module);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #symbolNames(): ReadonlySet<string> {
    this.#symbols ??= readFunctionSymbols();
    return this.#symbols;
  }

  #traceableNames(): ReadonlySet<string> | undefined {
    if (this.#traceable === undefined) {
      const root = this.#tracefsRoot();
      this.#traceable = { names: root === undefined ? undefined : readTraceableFunctions(root) };
    }
    return this.#traceable.names;
  }
}
