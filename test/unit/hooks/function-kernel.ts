import type { Abilities } from "../../../kernel/abilities.js";
import { ASSUMED_ABILITIES } from "../../../kernel/abilities.js";
import { type Btf, openBtf } from "../../../kernel/btf.js";
import type { KernelInfo } from "../../../kernel/info.js";
import { fixtureKernel } from "../../fixtures/kernel.js";
import { BtfBuilder } from "../kernel/btf-builder.js";

const [INT, PTR, STRUCT, ENUM, TYPEDEF, CONST, FUNC, FUNC_PROTO, FLOAT] = [1, 2, 4, 6, 8, 10, 12, 13, 16];

/** A small BTF with functions that have arguments of every sort. */
function buildBtf(): Btf {
  const b = new BtfBuilder();
  const s = (text: string): number => b.string(text);
  const integer = (name: string, size: number, encoding: number): number =>
    b.add(INT, name, size, { rest: [(encoding << 24) | (size * 8)] });
  const int = integer("int", 4, 1);
  const long = integer("long int", 8, 1);
  const u64 = integer("unsigned long", 8, 0);
  const u16 = integer("unsigned short", 2, 0);
  const char = integer("char", 1, 1);
  const bool = integer("bool", 1, 4);
  const wide = integer("unsigned __int128", 16, 0);
  const real = b.add(FLOAT, "double", 8);
  const color = b.add(ENUM, "color", 4, { vlen: 1, rest: [s("RED"), 0] });
  const sock = b.add(STRUCT, "sock", 4, { vlen: 1, rest: [s("mark"), int, 0] });
  const pair = b.add(STRUCT, "pair", 16, { vlen: 2, rest: [s("a"), u64, 0, s("b"), u64, 64] });
  const large = b.add(STRUCT, "large", 24, { vlen: 1, rest: [s("a"), u64, 0] });
  const pointer = (to: number): number => b.add(PTR, "", to);
  const proto = (returns: number, ...params: readonly (readonly [string, number])[]): number =>
    b.add(FUNC_PROTO, "", returns, { vlen: params.length, rest: params.flatMap(([name, type]) => [s(name), type]) });
  const add = (name: string, returns: number, ...params: readonly (readonly [string, number])[]): number =>
    b.add(FUNC, name, proto(returns, ...params));
  add(
    "simple",
    int,
    ["sk", pointer(b.add(CONST, "", sock))],
    ["len", u16],
    ["buf", pointer(char)],
    ["names", pointer(pointer(char))],
  );
  add("plain", 0, ["on", bool], ["kind", color], ["handle", pointer(0)], ["size", u64]);
  add("structs", long, ["one", u64], ["both", pair], ["two", u64], ["big", large], ["three", u64], ["four", u64]);
  add("many", int, ...Array.from({ length: 8 }, (_, i) => [`a${i}`, u64] as const));
  add("odd", pointer(sock), ["wide", wide], ["real", real], ["", int], ["ret", int], ["", 0]);
  add("family_one", int, ["sk", pointer(sock)], ["len", u16], ["mine", int]);
  add("family_two", int, ["sk", pointer(sock)], ["len", u64], ["size", int]);
  const traced = proto(0, ["", pointer(0)], ["", bool], ["", pointer(sock)]);
  b.add(TYPEDEF, "btf_trace_family_event", pointer(traced));
  b.add(FUNC, "__traceiter_family_event", proto(int, ["__data", pointer(0)], ["on", bool], ["sk", pointer(sock)]));
  b.add(TYPEDEF, "btf_trace_nameless", pointer(traced));
  return openBtf(b.bytes());
}

const btf = buildBtf();

/** A kernel with those functions. The running kernel's symbols are looked at for others only. */
export function functionKernel(abilities: Partial<Abilities> = {}): KernelInfo {
  const kernel = fixtureKernel({ abilities: { ...ASSUMED_ABILITIES, ...abilities }, btf: () => btf });
  return {
    ...kernel,
    functionsMatching: (pattern) =>
      pattern === "family_*" ? ["family_one", "family_two"] : pattern === "simple*" ? ["simple"] : [],
  };
}
