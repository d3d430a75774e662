import type { EventLayout, FieldLayout, ValueLayout } from "../compiler/program.js";
import { formatFlags } from "../dsl/flags.js";
import { formatMac } from "../dsl/mac-text.js";
import type { Stack } from "../dsl/stack.js";
import { createIpReader } from "./decode-ip.js";
import { createTextReader } from "./decode-text.js";

/** The mapped ring: the same memory twice, as bytes and for numbers. */
export interface RingMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** What finds stacks and names of addresses: needed for layouts with such. */
  readonly symbols?: ValueSymbols;
}

/** Finds what values stand for that the kernel side sends as numbers. */
export interface ValueSymbols {
  /** The stack that the kernel side keeps under an id. */
  stack(id: bigint): Stack;
  /** Name of what is at an address of the kernel. */
  kernel(address: bigint): string;
  /** Name of what is at an address of a process. */
  user(address: bigint, pid: number): string;
}

/** Makes the JavaScript object of the event whose struct starts at `offset`. The object keeps nothing of the memory. */
export type EventDecoder = (memory: RingMemory, offset: number) => unknown;

/** Names in the generated code: `v` the view, `b` the bytes, `o` the event's offset, `k` the constants. */
interface Code {
  readonly constants: unknown[];
  /** Functions for the elements of arrays, in front of the decoder. */
  readonly functions: string[];
}

/**
 * Generates the decoder of one event layout: straight-line code that ends in one object literal, so that all events of
 * a stream share one hidden class and V8 compiles each field to a plain load.
 */
export function compileDecoder(layout: EventLayout): EventDecoder {
  const code: Code = { constants: [], functions: [] };
  const body = objectCode(layout.fields, "o", 0, code);
  const source = `"use strict";\n${code.functions.join("")}return (m, o) => {\nconst v = m.view, b = m.bytes;\nreturn ${body};\n};`;
  const make = new Function("k", "text", "ip", "named", "flagged", "mac", source) as (...args: unknown[]) => EventDecoder;
  return make(code.constants, createTextReader(), createIpReader(), named, formatFlags, formatMac);
}

/** Generates the decoder of a single value: a key or value of a map. */
export function compileValueDecoder(type: ValueLayout): EventDecoder {
  const field = { name: "value", offset: 0, type };
  const decode = compileDecoder({ name: "", size: 0, stream: 0, fields: [field] });
  return (memory, offset) => (decode(memory, offset) as { readonly value: unknown }).value;
}

/** An enum value's name, or its decimal text. */
function named(names: ReadonlyMap<number, string>, value: number | bigint): string {
  return names.get(Number(value)) ?? String(value);
}

function objectCode(fields: readonly FieldLayout[], base: string, shift: number, code: Code): string {
  const members = fields.map(({ name, offset, type }) => `${keyCode(name)}: ${valueCode(type, base, shift + offset, code)}`);
  return `{${members.join(",\n")}}`;
}

/** `__proto__: x` in a literal would set the prototype; computed it is a field like any other. */
function keyCode(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : JSON.stringify(name);
}

function constantCode(value: unknown, code: Code): string {
  return `k[${code.constants.push(value) - 1}]`;
}

function at(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** The expression that reads a value whose bytes start `offset` after the variable `base`. */
function valueCode(type: ValueLayout, base: string, offset: number, code: Code): string {
  const place = at(base, offset);
  switch (type.kind) {
    case "int":
      return type.as === "bigint" ? bigintCode(type.size, type.signed, place) : numberCode(type.size, type.signed, base, offset);
    case "pointer":
      return bigintCode(8, false, place);
    case "bool":
      return `b[${place}] !== 0`;
    case "string":
      return `text(b, ${place}, ${type.size})`;
    case "ip":
      return `ip(v, b, ${place})`;
    case "mac":
      return `mac(b, ${place})`;
    case "enum":
      return `named(${constantCode(type.names, code)}, ${enumCode(type.size, type.signed, base, offset)})`;
    case "stack":
      return `m.symbols.stack(v.getBigUint64(${place}, true))`;
    case "symbol":
      return type.user
        ? `m.symbols.user(v.getBigUint64(${place}, true), v.getUint32(${at(base, offset + 8)}, true))`
        : `m.symbols.kernel(v.getBigUint64(${place}, true))`;
    case "flags":
      return `flagged(${enumCode(type.size, type.signed, base, offset)}, ${constantCode(type.names, code)})`;
    case "constant":
      return constantCode(type.value, code);
    case "struct":
      if (type.tuple)
        return `[${type.fields.map((field) => valueCode(field.type, base, offset + field.offset, code)).join(", ")}]`;
      return objectCode(type.fields, base, offset, code);
    case "array":
      return arrayCode(type.count, type.stride, type.element, place, code);
    case "bytes":
      // Not slice(): on a Buffer that would be a view of the ring, whose memory is used again.
      return `new Uint8Array(b.subarray(${place}, ${at(base, offset + type.size)}))`;
    case "template":
      return templateCode(type, base, offset, code);
    case "optional":
      return `b[${place}] === 0 ? undefined : ${valueCode(type.value, base, offset + type.valueOffset, code)}`;
  }
}

/** A text of several parts, as a template literal of JavaScript makes it. */
function templateCode(
  { texts, values }: Extract<ValueLayout, { kind: "template" }>,
  base: string,
  shift: number,
  code: Code,
): string {
  const parts = texts.flatMap((text, i) => {
    const value = values[i];
    return [
      constantCode(text, code),
      ...(value === undefined ? [] : [`String(${valueCode(value.type, base, shift + value.offset, code)})`]),
    ];
  });
  return `(${parts.join(" + ")})`;
}

function arrayCode(count: number, stride: number, element: ValueLayout, place: string, code: Code): string {
  const name = `array${code.functions.length}`;
  const slot = code.functions.push("") - 1;
  const value = valueCode(element, "o", 0, code);
  code.functions[slot] =
    `const ${name} = (m, v, b, o) => {\nconst list = [];\nfor (let i = 0; i < ${count}; i++, o += ${stride}) list.push(${value});\nreturn list;\n};\n`;
  return `${name}(m, v, b, ${place})`;
}

function numberCode(size: 1 | 2 | 4 | 8, signed: boolean, base: string, offset: number): string {
  const place = at(base, offset);
  // Two halves are exact for safe integers and, unlike getBigUint64, allocate nothing.
  if (size === 8)
    return `v.getUint32(${place}, true) + v.get${signed ? "Int" : "Uint"}32(${at(base, offset + 4)}, true) * 4294967296`;
  if (size === 1) return signed ? `v.getInt8(${place})` : `b[${place}]`;
  return `v.get${signed ? "Int" : "Uint"}${size * 8}(${place}, true)`;
}

/** 64-bit values without a name may exceed the safe integers: their decimal text must be exact. */
function enumCode(size: 1 | 2 | 4 | 8, signed: boolean, base: string, offset: number): string {
  return size === 8 ? bigintCode(size, signed, at(base, offset)) : numberCode(size, signed, base, offset);
}

function bigintCode(size: 1 | 2 | 4 | 8, signed: boolean, place: string): string {
  const sign = signed ? "Int" : "Uint";
  if (size === 8) return `v.getBig${sign}64(${place}, true)`;
  return `BigInt(v.get${sign}${size * 8}(${place}${size === 1 ? "" : ", true"}))`;
}
