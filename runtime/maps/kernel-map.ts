import type { ProgramMap } from "../../compiler/program.js";
import { isArray, isPerCpu, type MapDeclaration } from "../../dsl/map-declaration.js";
import type { MapStore } from "../../dsl/map-store.js";
import { coerce, mapShape, zeroOf } from "../../dsl/shape.js";
import type { Shape } from "../../dsl/types.js";
import { compileValueDecoder, type EventDecoder, type RingMemory, type ValueSymbols } from "../decode.js";
import { encodeValue } from "./encode.js";
import type { RawMap } from "./raw-map.js";

/** A map in the kernel, with keys and values as the script has them. */
export class KernelMapStore implements MapStore {
  readonly #raw: RawMap;
  readonly #declaration: MapDeclaration;
  readonly #program: ProgramMap;
  readonly #symbols: ValueSymbols;
  readonly #decodeKey: EventDecoder;
  readonly #decodeValue: EventDecoder;

  constructor(raw: RawMap, declaration: MapDeclaration, program: ProgramMap, symbols: ValueSymbols) {
    this.#symbols = symbols;
    this.#raw = raw;
    this.#declaration = declaration;
    this.#program = program;
    this.#decodeKey = compileValueDecoder(program.key.layout);
    this.#decodeValue = compileValueDecoder(program.value.layout);
  }

  get(key: unknown): unknown {
    const bytes = this.#raw.lookup(this.#key(key));
    return bytes && this.#merged(bytes, 0);
  }

  /** Of maps per CPU: the whole on the first CPU, nothing on the others. */
  set(key: unknown, value: unknown): boolean {
    const bytes = this.#raw.valueBuffer();
    encodeValue(this.#program.value.layout, coerce(this.#declaration.value, value), bytes);
    return this.#raw.update(this.#key(key), bytes);
  }

  delete(key: unknown): boolean {
    return this.#raw.delete(this.#key(key));
  }

  add(): boolean {
    throw new Error(
      "add and incr are for handlers: while the script runs, the host cannot add in one step with them; it can set values",
    );
  }

  entries(): [unknown, unknown][] {
    const entries: [unknown, unknown][] = [];
    this.#raw.readAll(
      (keys, key, values, value) =>
        entries.push([this.#decodeKey(memoryOf(keys, this.#symbols), key), this.#merged(values, value)]),
      { remove: false },
    );
    return entries;
  }

  perCpu(key: unknown): unknown[] {
    const bytes = this.#raw.lookup(this.#key(key));
    return bytes === undefined ? [] : this.#values(bytes, 0);
  }

  clear(): void {
    if (isArray(this.#declaration.kind)) {
      for (const [index] of this.entries()) this.set(index, zeroOf(this.#declaration.value));
      return;
    }
    this.#raw.readAll(() => {}, { remove: true });
  }

  #key(key: unknown): Buffer {
    const bytes = this.#raw.keyBuffer();
    encodeValue(this.#program.key.layout, coerce(this.#declaration.key, key), bytes);
    return bytes;
  }

  #values(bytes: Buffer, offset: number): unknown[] {
    const memory = memoryOf(bytes, this.#symbols);
    return Array.from({ length: this.#raw.cpus }, (_, cpu) => this.#decodeValue(memory, offset + cpu * this.#raw.stride));
  }

  #merged(bytes: Buffer, offset: number): unknown {
    if (!isPerCpu(this.#declaration.kind)) return this.#decodeValue(memoryOf(bytes, this.#symbols), offset);
    const values = this.#values(bytes, offset);
    return values.reduce((sum, value) => sumOf(this.#declaration.value, sum, value));
  }
}

/** The sum of two values of a shape, not wrapped: of several CPUs it may be wider than the shape. */
function sumOf(shape: Shape, a: unknown, b: unknown): unknown {
  if (typeof shape === "string") return typeof a === "bigint" ? a + (b as bigint) : (a as number) + (b as number);
  return mapShape(shape, (part, name) => sumOf(part, (a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

const memories = new WeakMap<Buffer, RingMemory>();

/** A buffer as decoders read it. */
export function memoryOf(bytes: Buffer, symbols: ValueSymbols): RingMemory {
  let memory = memories.get(bytes);
  if (memory === undefined) {
    memory = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), symbols };
    memories.set(bytes, memory);
  }
  return memory;
}
