/** What is known about an address. */
export interface ResolvedSymbol {
  /** Name of the function or variable; of code without symbols "[file]"; else the address in hexadecimal. */
  readonly symbol: string;
  /** Bytes from the symbol's start; after "[file]" the address as that file counts it. */
  readonly offset: number;
  /** Kernel module, or name of the file; in brackets what is no file: "[vdso]", "[ended]". */
  readonly module: string | undefined;
}

/** Finds what is at an address. @param isReturn the address is one to return to: the call stands before it */
export type SymbolFinder = (address: bigint, isReturn: boolean) => ResolvedSymbol;

/** One function of a stack. Its symbol is looked up when it is first asked for. */
export class StackFrame {
  readonly address: bigint;
  readonly #find: SymbolFinder;
  readonly #isReturn: boolean;
  #found: ResolvedSymbol | undefined;

  constructor(address: bigint, isReturn: boolean, find: SymbolFinder) {
    this.address = address;
    this.#isReturn = isReturn;
    this.#find = find;
  }

  /** Name of the function; the address in hexadecimal where none is known. */
  get symbol(): string {
    return this.#resolved.symbol;
  }

  /** Bytes from the function's start. */
  get offset(): number {
    return this.#resolved.offset;
  }

  /** The kernel module, program or library that it is in. */
  get module(): string | undefined {
    return this.#resolved.module;
  }

  get #resolved(): ResolvedSymbol {
    this.#found ??= this.#find(this.address, this.#isReturn);
    return this.#found;
  }

  toJSON(): string {
    return this.toString();
  }

  /** "tcp_v4_rcv+0x1f", "nft_do_chain+0x9a [nf_tables]". */
  toString(): string {
    const { symbol, offset, module } = this.#resolved;
    const place = offset === 0 ? symbol : `${symbol}+0x${offset.toString(16)}`;
    return module === undefined || symbol === `[${module}]`
      ? place
      : `${place} ${module.startsWith("[") ? module : `[${module}]`}`;
  }
}

/**
 * The functions that were being called, the innermost first: an array of frames. Equal stacks of a run are one object, and it does not
 * change. As text it has one frame a line; in JSON it is an array of such texts.
 * @example slow.on((e) => console.log(`${e.us} us\n${e.stack}`));
 */
export class Stack extends Array<StackFrame> {
  /** Whether the kernel could keep it. One that it could not keep is empty, and counted in the summary. */
  declare readonly isKept: boolean;

  /** `map`, `filter` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** @internal */
  static create(addresses: Iterable<bigint>, find: SymbolFinder, isKept = true): Stack {
    const stack = new Stack();
    for (const address of addresses) stack.push(new StackFrame(address, stack.length > 0, find));
    Object.defineProperty(stack, "isKept", { value: isKept });
    return Object.freeze(stack);
  }

  /** One frame a line. */
  override toString(): string {
    return this.isKept ? this.map(String).join("\n") : "[not kept]";
  }

  toJSON(): readonly string[] {
    return this.isKept ? this.map(String) : ["[not kept]"];
  }

  /** The outermost function first, names only, with semicolons between: a line as flame graph tools read it. */
  folded(): string {
    return this.isKept
      ? this.map(({ symbol }) => symbol.replaceAll(";", ":"))
          .reverse()
          .join(";")
      : "[not kept]";
  }
}
