import { describe, expect, test } from "vitest";
import { openBtf } from "../../../../../kernel/btf.js";
import type { KernelInfo } from "../../../../../kernel/info.js";
import { fixtureKernel } from "../../../../fixtures/kernel.js";
import { compileText, Refused } from "../../../../parity/harness/run.js";
import { BtfBuilder } from "../../../kernel/btf-builder.js";

const [INT, PTR, ARRAY, STRUCT, UNION, ENUM, TYPEDEF, TYPE_TAG, ENUM64] = [1, 2, 3, 4, 5, 6, 8, 18, 19];
const SIGNED = 1 << 24;
const CHAR = 2 << 24;
const BOOL = 4 << 24;

/** A kernel with the shapes that are rare in real ones. */
function kernel(): KernelInfo {
  const b = new BtfBuilder();
  const s = (text: string) => b.string(text);
  const int = b.add(INT, "int", 4, { rest: [SIGNED | 32] });
  const u32 = b.add(INT, "unsigned int", 4, { rest: [32] });
  const u64 = b.add(INT, "unsigned long", 8, { rest: [64] });
  const char = b.add(INT, "char", 1, { rest: [SIGNED | CHAR | 8] });
  const bool = b.add(INT, "_Bool", 1, { rest: [BOOL | 8] });
  const wide = b.add(INT, "__int128", 16, { rest: [128] });
  const array = (element: number, count: number): number => b.add(ARRAY, "", 0, { rest: [element, int, count] });
  const pointer = (to: number) => b.add(PTR, "", to);
  const item = b.add(STRUCT, "item", 8, { vlen: 2, rest: [s("x"), int, 0, s("y"), u32, 32] });
  const small = b.add(ENUM, "small", 1, { vlen: 2, rest: [s("SMALL_A"), 0, s("SMALL_B"), 7] });
  const large = b.add(ENUM64, "large", 8, { vlen: 2, rest: [s("LARGE_A"), 1, 0, s("LARGE_B"), 0, 4] });
  const typedefed = b.add(TYPEDEF, "mode_e", b.add(ENUM, "", 4, { vlen: 1, flag: true, rest: [s("MODE_LOW"), 0xffff_fffe] }));
  const anonymous = b.add(STRUCT, "", 8, { vlen: 1, rest: [s("deep"), int, 0] });
  const nested = b.add(UNION, "", 8, { vlen: 2, rest: [s(""), anonymous, 0, s("other"), u64, 0] });
  const counter = b.add(TYPEDEF, "counter_t", b.add(STRUCT, "", 4, { vlen: 1, rest: [s("counter"), int, 0] }));
  const members: readonly [string, number, number, number?][] = [
    ["number", int, 0],
    ["items", array(item, 4), 64],
    ["names", array(array(char, 16), 3), 512],
    ["grid", array(array(u32, 3), 2), 1024],
    ["pointers", array(pointer(item), 2), 1280],
    ["flexible", array(item, 0), 1472],
    ["percpu", pointer(b.add(TYPE_TAG, "percpu", u64)), 1536],
    ["user", pointer(b.add(TYPE_TAG, "user", item)), 1600],
    ["rcu", pointer(b.add(TYPE_TAG, "rcu", item)), 1664],
    ["counter", counter, 1728],
    ["counters", pointer(counter), 1792],
    ["", nested, 1856],
    ["small", small, 1920],
    ["large", large, 1984],
    ["big", array(u64, 100), 2048],
    ["wide", wide, 8448],
    ["callback", pointer(0), 8576],
    ["signedBits", int, 8640, 5],
    ["unsignedBits", u32, 8645, 3],
    ["oneBit", bool, 8648, 1],
    ["longBits", u64, 8704, 40],
    ["enumBits", small, 8744, 4],
  ];
  b.add(STRUCT, "thing", 2048, {
    vlen: members.length,
    flag: true,
    rest: members.flatMap(([name, type, at, bits]) => [s(name), type, at | ((bits ?? 0) << 24)]),
  });
  expect(typedefed).toBeGreaterThan(0);
  const btf = openBtf(b.bytes());
  return { ...fixtureKernel(), btf: () => btf };
}

async function cOf(body: string): Promise<string> {
  const source = `import { addressOf, enumName, enumValue, exists, ip, kptr, tracepoint } from "tsprobe";
export const p = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  const thing = kptr("thing", ctx.args[0]);
  const i = Number(ctx.args[1] & 0xffn);
  ${body}
});`;
  const { program } = await compileText(source, [], kernel());
  return program.c;
}

async function refusal(body: string) {
  const error = await cOf(body).catch((thrown: unknown) => thrown);
  if (!(error instanceof Refused)) throw new Error(`not refused: ${error}`);
  expect(error.diagnostics).toHaveLength(1);
  const { code, message, hints = [] } = error.diagnostics[0] as Refused["diagnostics"][number];
  return [code, message, ...hints];
}

/** Lines with one of the words; the numbers of counters are those of the whole program. */
const linesWith = (c: string, ...words: string[]) =>
  c
    .split("\n")
    .filter((line) => words.some((word) => line.includes(word)))
    .map((line) => line.trim().replace(/tsp_count\(\d+/g, "tsp_count(#"));

describe("members of kernel structs in C", () => {
  test("bitfields: declared as such, shifted as libbpf says, and in the range of their type", async () => {
    const c = await cOf(
      "return { a: thing.signedBits, b: thing.unsignedBits, c: thing.oneBit, d: thing.longBits, e: thing.enumBits };",
    );
    expect(linesWith(c, "struct thing {", "tsp_read_bits(tsp_", "Bits", "oneBit", " || tsp_")).toMatchInlineSnapshot(`
      [
        "struct thing { __s32 signedBits : 5; __u32 unsignedBits : 3; _Bool oneBit : 1; __u64 longBits : 40; enum { TSP_ENUM_0 } enumBits : 4; } __attribute__((preserve_access_index));",
        "__s64 tsp_signedBits2 = 0;",
        "if (tsp_read_bits(tsp_signedBits2, (unsigned long)thing, ((const struct thing *)(unsigned long)thing)->signedBits)) { tsp_count(# /* read */); return 0; }",
        "if (tsp_signedBits2 < -16 || tsp_signedBits2 > 15) { tsp_count(# /* read */); return 0; }",
        "__s64 tsp_3 = (__s64)tsp_signedBits2;",
        "__u64 tsp_unsignedBits4 = 0;",
        "if (tsp_read_bits(tsp_unsignedBits4, (unsigned long)thing, ((const struct thing *)(unsigned long)thing)->unsignedBits)) { tsp_count(# /* read */); return 0; }",
        "if (tsp_unsignedBits4 > 7) { tsp_count(# /* read */); return 0; }",
        "__s64 tsp_5 = (__s64)tsp_unsignedBits4;",
        "__u64 tsp_oneBit6 = 0;",
        "if (tsp_read_bits(tsp_oneBit6, (unsigned long)thing, ((const struct thing *)(unsigned long)thing)->oneBit)) { tsp_count(# /* read */); return 0; }",
        "if (tsp_oneBit6 > 1) { tsp_count(# /* read */); return 0; }",
        "_Bool tsp_7 = tsp_oneBit6 != 0;",
        "__u64 tsp_longBits8 = 0;",
        "if (tsp_read_bits(tsp_longBits8, (unsigned long)thing, ((const struct thing *)(unsigned long)thing)->longBits)) { tsp_count(# /* read */); return 0; }",
        "if (tsp_longBits8 > 1099511627775LL) { tsp_count(# /* read */); return 0; }",
        "__u64 tsp_enumBits9 = 0;",
        "if (tsp_read_bits(tsp_enumBits9, (unsigned long)thing, ((const struct thing *)(unsigned long)thing)->enumBits)) { tsp_count(# /* read */); return 0; }",
        "if (tsp_enumBits9 > 15) { tsp_count(# /* read */); return 0; }",
        "__s64 tsp_10 = (__s64)tsp_enumBits9;",
        "tsp_event1->f_d = tsp_longBits8;",
      ]
    `);
  });

  test("arrays: constant and open indices, of structs, of pointers, of arrays", async () => {
    const c = await cOf(
      `return { a: thing.items[2].x, b: thing.items[i].y, c: thing.grid[1][2], d: thing.grid[i][i + 1], e: thing.pointers[i]?.x, f: thing.names[i], g: thing.flexible[i].x, h: thing.items.length };`,
    );
    expect(linesWith(c, "struct thing {", "struct item {", "tsp_read", ">= ")).toMatchInlineSnapshot(`
      [
        "#define tsp_read(to, place) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), &(place)))",
        "#define tsp_read_at(to, place, further) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), (const char *)&(place) + (further)))",
        "struct item { __s32 x; __u32 y; } __attribute__((preserve_access_index));",
        "struct thing { struct item items[4]; __u32 grid[2][3]; void *pointers[2]; char names[3][16]; struct item flexible[1048576]; } __attribute__((preserve_access_index));",
        "if (tsp_read(tsp_x2, ((const struct thing *)(unsigned long)thing)->items[2].x)) { tsp_count(# /* read */); return 0; }",
        "if (i < 0 || i >= 4) { tsp_count(# /* range */); return 0; }",
        "if (tsp_read_at(tsp_y4, ((const struct thing *)(unsigned long)thing)->items[0].y, i * tsp_size(((const struct thing *)(unsigned long)thing)->items[0]))) { tsp_count(# /* read */); return 0; }",
        "if (tsp_read(tsp_element6, ((const struct thing *)(unsigned long)thing)->grid[1][2])) { tsp_count(# /* read */); return 0; }",
        "if (i < 0 || i >= 2) { tsp_count(# /* range */); return 0; }",
        "if (tsp_8 < 0 || tsp_8 >= 3) { tsp_count(# /* range */); return 0; }",
        "if (tsp_read_at(tsp_element9, ((const struct thing *)(unsigned long)thing)->grid[0][0], i * tsp_size(((const struct thing *)(unsigned long)thing)->grid[0]) + tsp_8 * tsp_size(((const struct thing *)(unsigned long)thing)->grid[0][0]))) { tsp_count(# /* read */); return 0; }",
        "{ if (i < 0 || i >= 2) { tsp_count(# /* range */); bpf_ringbuf_discard(tsp_event1, 0); return 0; } __u64 tsp_element11; if (tsp_read_at(tsp_element11, ((const struct thing *)(unsigned long)thing)->pointers[0], i * tsp_size(((const struct thing *)(unsigned long)thing)->pointers[0]))) { tsp_count(# /* read */); bpf_ringbuf_discard(tsp_event1, 0); return 0; } __u64 link = tsp_element11; if (link) { __s32 tsp_x13; if (tsp_read(tsp_x13, ((const struct item *)(unsigned long)link)->x)) { tsp_count(# /* read */); bpf_ringbuf_discard(tsp_event1, 0); return 0; } tsp_optional12 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_x13 }; } }",
        "if (i < 0 || i >= 3) { tsp_count(# /* range */); bpf_ringbuf_discard(tsp_event1, 0); return 0; }",
        "if (tsp_read_at(tsp_x15, ((const struct thing *)(unsigned long)thing)->flexible[0].x, i * tsp_size(((const struct thing *)(unsigned long)thing)->flexible[0]))) { tsp_count(# /* read */); bpf_ringbuf_discard(tsp_event1, 0); return 0; }",
      ]
    `);
  });

  test("anonymous structs, typedefs of them, enums of all sizes, pointers that cannot be followed", async () => {
    const c = await cOf(
      `return { a: thing.deep, b: thing.other, c: thing.counter.counter, d: thing.counters?.counter, e: enumName("small", thing.small), f: thing.large === enumValue("large", "LARGE_B"),
        g: enumValue("mode_e", "MODE_LOW"), h: thing.user, i: thing.rcu?.y, j: thing.callback, k: addressOf(thing.items[i]), l: addressOf(thing.grid) };`,
    );
    expect(linesWith(c, "struct thing {", "counter_t", "enum ", "___", "&((const")).toMatchInlineSnapshot(`
      [
        "enum large { LARGE_B___large = 17179869184ULL };",
        "typedef enum { MODE_LOW___mode_e = -2 } mode_e;",
        "struct thing { __s32 deep; __u64 other; struct { __s32 counter; } __attribute__((preserve_access_index)) counter; void *counters; enum { TSP_ENUM_0 } small; enum { TSP_ENUM_1 } large; void *user; void *rcu; void *callback; struct item items[4]; __u32 grid[2][3]; } __attribute__((preserve_access_index));",
        "typedef struct { __s32 counter; } __attribute__((preserve_access_index)) counter_t;",
        "{ __u64 tsp_counters7; if (tsp_read(tsp_counters7, ((const struct thing *)(unsigned long)thing)->counters)) { tsp_count(# /* read */); bpf_ringbuf_discard(tsp_event1, 0); return 0; } __u64 link = tsp_counters7; if (link) { __s32 tsp_counter9; if (tsp_read(tsp_counter9, ((const counter_t *)(unsigned long)link)->counter)) { tsp_count(# /* read */); bpf_ringbuf_discard(tsp_event1, 0); return 0; } tsp_optional8 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_counter9 }; } }",
        "_Bool tsp_13 = tsp_large12 == (__u64)__builtin_preserve_enum_value(*(enum large *)LARGE_B___large, 1);",
        "tsp_event1->f_g = (__s64)__builtin_preserve_enum_value(*(mode_e *)MODE_LOW___mode_e, 1);",
        "__u64 tsp_19 = (__u64)(unsigned long)&((const struct thing *)(unsigned long)thing)->items[0] + i * tsp_size(((const struct thing *)(unsigned long)thing)->items[0]);",
        "tsp_event1->f_l = (__u64)(unsigned long)&((const struct thing *)(unsigned long)thing)->grid;",
      ]
    `);
  });

  test("exists() is asked of the member alone", async () => {
    const c = await cOf('return { a: exists(thing, "items"), b: exists(thing.items[i], "y"), c: exists(thing, "none") };');
    expect(linesWith(c, "tsp_exists(")).toMatchInlineSnapshot(`
      [
        "#define tsp_exists(place) __builtin_preserve_field_info(place, 2)",
        "tsp_event1->f_a = tsp_exists(((const struct thing *)0)->items) != 0;",
        "tsp_event1->f_b = tsp_exists(((const struct thing *)0)->items[0].y) != 0;",
      ]
    `);
  });
});

describe("refused", () => {
  test.each([
    [
      "return { v: thing.percpu };",
      [
        "TSP2550",
        "percpu is a per-CPU pointer: there is one value for each CPU, none of them at this address",
        "per-CPU values cannot be read by handlers; look for a total that the kernel keeps beside them",
      ],
    ],
    ["return { v: thing.wide };", ["TSP2133", "wide is an integer of 128 bits"]],
    [
      "return { v: thing.big };",
      ["TSP2552", "an array of 800 bytes is too large to be copied", "read its elements; up to 256 bytes are copied as a whole"],
    ],
    [
      "return { v: thing.items };",
      ["TSP2107", "an array of the kernel as a whole cannot be used as a value", "read one of its elements"],
    ],
    [
      "return { v: thing.flexible.length };",
      [
        "TSP2551",
        "the kernel's types do not tell the length of this array",
        "another member of the struct holds it, most likely",
      ],
    ],
    ["return { v: thing.items[4].x };", ["TSP2117", "the index is never inside the array, which has 4 elements"]],
    ["return { v: thing.items[1n].x };", ["TSP2203", "an index must be a number, not a bigint", "convert it with Number(x)"]],
    ["return { v: thing.user.x };", ["TSP2112", "bigint has no x in kernel code", "compute with it in the callback"]],
    [
      "return { v: thing.nummber };",
      [
        "TSP3004",
        "struct thing has no member nummber",
        "did you mean number?",
        'if only some kernels have it, test first: if (exists(…, "nummber"))',
      ],
    ],
    [
      'if (exists(thing, "none")) return { v: thing.none };\n return { v: thing.none };',
      [
        "TSP3004",
        "struct thing has no member none",
        "members are number, items, names, grid, pointers, flexible, percpu, user, rcu, counter, counters, deep, other, small, large, big, wide, callback, signedBits, unsignedBits",
        'if only some kernels have it, test first: if (exists(…, "none"))',
      ],
    ],
    ['return { v: enumName("smal", 1) };', ["TSP2556", "this kernel (6.18.44) has no enum smal", "did you mean small?"]],
    [
      'return { v: enumValue("small", "SMALL_C") };',
      ["TSP2557", "enum small of this kernel has no value SMALL_C", "did you mean SMALL_A or SMALL_B?"],
    ],
  ])("%s", async (body, expected) => {
    expect(await refusal(body)).toEqual(expected);
  });
});
