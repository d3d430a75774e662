import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { lastNotAbove, orderOf, pick } from "./address-table.js";

/** A kernel symbol, and how far behind its start an address is. */
export interface KernelSymbol {
  readonly name: string;
  readonly offset: number;
  /** Kernel module, or "bpf" for BPF programs and trampolines. */
  readonly module: string | undefined;
}

/** Kernel addresses are kept relative to it: in 48 bits, which a number holds exactly. Lower ones (per-CPU offsets) are no addresses. */
const KERNEL_HALF = 0xffff_0000_0000_0000n;
/** /proc/kallsyms has no sizes: beyond so many bytes an address is taken to be in none. */
const LARGEST = 16 * 2 ** 20;
const LARGEST_IN_MODULE = 2 ** 20;
/** In a module or BPF program so far behind a symbol, one loaded since then may lie there: look again, if some time has passed. */
const DOUBTFUL = 4096;
const RELOAD_AFTER_MS = 2_000;

const [NEWLINE, ZERO, NINE, SMALL_A] = [10, 48, 57, 97];
/** "ffffffff81000000 T name": where type and name begin. */
const [DIGITS, NAME_AT] = [16, 19];

interface Table {
  readonly text: Buffer;
  readonly addresses: Float64Array;
  /** Where in `text` the name of each begins. */
  readonly names: Uint32Array;
  readonly readAt: number;
}

/**
 * The kernel's own symbols, of modules, and of BPF programs: /proc/kallsyms, read when first needed. It has some 100,000 to
 * 250,000 lines; they stay as they are, beside their addresses in order.
 */
export class KernelSymbols {
  readonly #path: string;
  readonly #now: () => number;
  #table: Table | undefined;
  #loading: Promise<void> | undefined;

  constructor(path = "/proc/kallsyms", now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
  }

  /** Reads them in the background (the kernel takes 0.1 s to write them), so that the first lookup need not. */
  preload(): Promise<void> {
    this.#loading ??= readFile(this.#path).then(
      (text) => {
        this.#table ??= parse(text, this.#now());
      },
      () => {},
    );
    return this.#loading;
  }

  /** Whether this kernel hides addresses from us (sysctl kernel.kptr_restrict): then nothing is found. */
  get areHidden(): boolean {
    return this.#read().addresses.length === 0;
  }

  /** The symbol that an address lies in; where several have the same address, the one that the kernel itself names. */
  find(address: bigint): KernelSymbol | undefined {
    if (address < KERNEL_HALF) return undefined;
    const place = Number(address - KERNEL_HALF);
    const table = this.#read();
    const found = lookUp(table, place);
    const isDoubtful = found === undefined || (found.module !== undefined && found.offset >= DOUBTFUL);
    if (!isDoubtful || this.#now() - table.readAt < RELOAD_AFTER_MS || table.addresses.length === 0) return found;
    this.#table = undefined;
    return lookUp(this.#read(), place);
  }

  #read(): Table {
    if (this.#table === undefined) {
      let text = Buffer.alloc(0);
      try {
        text = readFileSync(this.#path);
      } catch {
        // A kernel without CONFIG_KALLSYMS: as if hidden.
      }
      this.#table = parse(text, this.#now());
    }
    return this.#table;
  }
}

function lookUp({ addresses, names, text }: Table, place: number): KernelSymbol | undefined {
  let at = lastNotAbove(addresses, place);
  if (at === -1) return undefined;
  const start = addresses[at] as number;
  while (at > 0 && addresses[at - 1] === start) at--;
  const nameAt = names[at] as number;
  let end = nameAt;
  while (end < text.length && text[end] !== NEWLINE) end++;
  const [name = "", module] = text.toString("latin1", nameAt, end).split("\t");
  const offset = place - start;
  if (offset > (module === undefined ? LARGEST : LARGEST_IN_MODULE)) return undefined;
  return { name, offset, module: module?.slice(1, -1) };
}

function parse(text: Buffer, readAt: number): Table {
  let lines = 0;
  for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, at + 1)) lines++;
  const addresses = new Float64Array(lines);
  const names = new Uint32Array(lines);
  let count = 0;
  let isSorted = true;
  let before = 0;
  for (let line = 0; line + NAME_AT < text.length; ) {
    const address = addressAt(text, line);
    if (address > 0) {
      if (address < before) isSorted = false;
      before = address;
      addresses[count] = address;
      names[count++] = line + NAME_AT;
    }
    const end = text.indexOf(NEWLINE, line);
    if (end === -1) break;
    line = end + 1;
  }
  const [used, usedNames] = [addresses.subarray(0, count), names.subarray(0, count)];
  // The kernel's own are in order, those of modules and BPF programs follow in theirs.
  if (isSorted) return { text, addresses: used, names: usedNames, readAt };
  const order = orderOf(used);
  const orderedNames = new Uint32Array(count);
  for (let i = 0; i < count; i++) orderedNames[i] = usedNames[order[i] as number] as number;
  return { text, addresses: pick(used, order), names: orderedNames, readAt };
}

/** The address of a line relative to KERNEL_HALF; -1 when it is not in the kernel's half, as hidden ones (0) are not. */
function addressAt(text: Buffer, line: number): number {
  let value = 0;
  for (let i = 0; i < DIGITS; i++) {
    const c = text[line + i] as number;
    const digit = c >= ZERO && c <= NINE ? c - ZERO : c - SMALL_A + 10;
    if (i < 4) {
      if (digit !== 15) return -1;
    } else value = value * 16 + digit;
  }
  return value;
}
