import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { type ResolvedSymbol, Stack } from "../../dsl/stack.js";
import { visibleText } from "../../dsl/visible-text.js";
import type { ValueSymbols } from "../decode.js";
import { KernelSymbols } from "./kallsyms.js";
import { rememberId } from "./stack-ids.js";
import { type KeptStack, readFrames, type StackMap } from "./stack-map.js";
import { UserSymbols } from "./user-symbols.js";

/** The value of a stack that the kernel side could not keep (NOT_KEPT of compiler/emit/stacks.ts). */
const NOT_KEPT = 2n ** 64n - 1n;
const NO_STACK: ResolvedSymbol = { symbol: "", offset: 0, module: undefined };
const EMPTY = rememberId(
  Stack.create([], () => NO_STACK),
  0n,
);
const LOST = rememberId(
  Stack.create([], () => NO_STACK, false),
  NOT_KEPT,
);

/** Before the frames in a record. */
const ID_BYTES = 8;

/** Different stacks remembered here: beyond that the kernel side's map fills, and then counts what it cannot keep. */
const MOST_STACKS = 262_144;
/** Names of addresses remembered. */
const MOST_NAMES = 65_536;

/**
 * Stacks and names of addresses for the decoders. A stack comes from the kernel when it is new there, and with it is read what its
 * process has mapped; its functions get their names when they are asked for.
 */
export class SymbolValues implements ValueSymbols {
  readonly #kernel: KernelSymbols;
  readonly #user = new UserSymbols();
  readonly #warn: (warning: Diagnostic) => void;
  readonly #stacks = new Map<bigint, Stack>();
  readonly #names = new Map<string, string>();
  /** Ids that are still in the kernel's map, the oldest first. */
  readonly #inKernel: bigint[] = [];
  #firstInKernel = 0;
  #map: StackMap | undefined;
  #warned = false;

  constructor(warn: (warning: Diagnostic) => void, kernel = new KernelSymbols()) {
    this.#warn = warn;
    this.#kernel = kernel;
  }

  /** Stacks are looked up there; after `undefined` only those read before are known. */
  connect(map: StackMap | undefined): void {
    this.#map = map;
  }

  /** Reads the kernel's symbols in the background. */
  preloadKernel(): Promise<void> {
    return this.#kernel.preload();
  }

  stack(id: bigint): Stack {
    if (id === 0n) return EMPTY;
    return this.#stacks.get(id) ?? this.#readStack(id);
  }

  kernel(address: bigint): string {
    return this.#named(address.toString(16), () => this.#findKernel(address));
  }

  user(address: bigint, pid: number): string {
    const image = this.#user.imageOf(pid);
    const { symbol, offset, module } = image.find(address, false);
    // Without a name, all that is known.
    if (symbol.startsWith("[")) return `${symbol}+0x${offset.toString(16)}`;
    return symbol.startsWith("0x") && module?.startsWith("[") ? `${symbol} ${module}` : symbol;
  }

  /** Takes a record of a new stack: its id, then its frames. */
  receive(view: DataView, offset: number): void {
    const id = view.getBigUint64(offset, true);
    const known = this.#stacks.get(id);
    if (known === undefined) this.#keep(id, readFrames(view, offset + ID_BYTES));
    else this.#noteInKernel(id);
  }

  /** One whose record did not come, as the ring had no room. */
  #readStack(id: bigint): Stack {
    const kept = id === NOT_KEPT ? undefined : this.#map?.read(id);
    return kept === undefined ? LOST : this.#keep(id, kept);
  }

  #keep(id: bigint, kept: KeptStack): Stack {
    const image = kept.pid === 0 ? undefined : this.#user.imageOf(kept.pid);
    const stack = Stack.create(kept.addresses, (address, isReturn) =>
      image === undefined ? this.#findKernel(address, isReturn) : image.find(address, isReturn),
    );
    if (this.#stacks.size < MOST_STACKS) {
      this.#stacks.set(id, stack);
      this.#noteInKernel(id);
    }
    return rememberId(stack, id);
  }

  /** Makes room in the kernel's map before it is full: what is remembered here need not stay there. */
  #noteInKernel(id: bigint): void {
    this.#inKernel.push(id);
    if (this.#inKernel.length - this.#firstInKernel <= (this.#map?.maxEntries ?? 0) / 2) return;
    this.#map?.delete(this.#inKernel[this.#firstInKernel++] as bigint);
    if (this.#firstInKernel * 2 < this.#inKernel.length) return;
    this.#inKernel.splice(0, this.#firstInKernel);
    this.#firstInKernel = 0;
  }

  #findKernel(address: bigint, isReturn = false): ResolvedSymbol {
    const found = this.#kernel.find(isReturn ? address - 1n : address);
    if (found !== undefined)
      return { symbol: visibleText(found.name), offset: found.offset + (isReturn ? 1 : 0), module: found.module };
    if (!this.#warned && this.#kernel.areHidden) {
      this.#warned = true;
      this.#warn(HIDDEN);
    }
    return { symbol: `0x${address.toString(16)}`, offset: 0, module: undefined };
  }

  #named(key: string, find: () => ResolvedSymbol): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = find().symbol;
      if (this.#names.size >= MOST_NAMES) this.#names.clear();
      this.#names.set(key, name);
    }
    return name;
  }
}

const HIDDEN: Diagnostic = {
  code: "TSP6110",
  failure: "kernel",
  severity: "warning",
  message: "this kernel hides the addresses of its symbols, so addresses are shown instead of names",
  hints: ["run as root, and allow it: `sysctl kernel.kptr_restrict=1`"],
};
