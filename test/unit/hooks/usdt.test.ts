import { describe, expect, test } from "vitest";
import type { UsdtTarget } from "../../../dsl/targets.js";
import { resolveUsdt } from "../../../hooks/usdt.js";
import { DATA, DATA_OFFSET, TEXT, TEXT_OFFSET } from "../../fixtures/elf-image.js";
import { arm, hookOf, path, refusalOf, usdtTarget, x86 } from "./user-files.js";

describe("probes of programs", () => {
  test("each place, with its semaphore; places with the same arguments share a cookie", () => {
    const hook = hookOf(resolveUsdt(usdtTarget("web", "request", { args: { fd: "s32", size: "auto" } }), x86));
    const place = (offset: number, cookie: bigint) => ({
      offset: BigInt(TEXT_OFFSET + offset),
      cookie,
      semaphore: BigInt(DATA_OFFSET + 2),
    });
    expect(hook.attach).toMatchObject({ kind: "uprobe", places: [place(0x14, 0n), place(0x24, 1n), place(0x28, 0n)] });
    expect(hook.context.fields.map(({ name, type }) => [name, type])).toEqual([
      [
        "fd",
        {
          kind: "located",
          as: { kind: "int", size: 4, signed: true },
          places: [
            { cookies: [0n], size: 4, signed: true, location: { kind: "register", register: 112 } },
            { cookies: [1n], size: 4, signed: true, location: { kind: "constant", value: 7n } },
          ],
        },
      ],
      [
        "size",
        {
          kind: "located",
          as: { kind: "int", size: 8, signed: false },
          places: [
            { cookies: [0n], size: 8, signed: false, location: { kind: "register", register: 104 } },
            {
              cookies: [1n],
              size: 8,
              signed: false,
              location: { kind: "memory", base: 152, index: undefined, scale: 1, displacement: 8n },
            },
          ],
        },
      ],
    ]);
  });

  test("on arm64", () => {
    const target = usdtTarget("web", "done", { file: path("server.arm64"), args: { n: "s32", p: "ptr" } });
    const hook = hookOf(resolveUsdt(target, arm));
    expect(hook.context.fields.map(({ type }) => type)).toMatchObject([
      { places: [{ location: { kind: "memory", base: 248, displacement: 60n } }] },
      { places: [{ location: { kind: "register", register: 8 } }] },
    ]);
  });

  test("what cannot be read is refused where it is used", () => {
    const hook = hookOf(resolveUsdt(usdtTarget("web", "request", { args: { a: "u64", b: "u64", real: "u64" } }), x86));
    expect(hook.context.fields[2]).toMatchObject({
      cType: "8f@%xmm0",
      type: { kind: "unreadable", why: "handlers have no floating-point numbers" },
    });
    const other = hookOf(resolveUsdt(usdtTarget("other", "done", { args: { a: "auto", b: "auto", c: "auto" } }), x86));
    expect(other.context.fields.map(({ type }) => type)).toMatchObject([
      { kind: "located", places: [{ location: { kind: "memory", base: 128, displacement: BigInt(DATA + 0x20 - TEXT - 0x2d) } }] },
      { kind: "unreadable", why: "the variable's symbol was stripped from the file" },
      { kind: "unreadable", why: "this way of saying where it is is not known" },
    ]);
  });

  test.each<[string, UsdtTarget, unknown]>([
    [
      "a misspelt name",
      usdtTarget("web", "reqest"),
      { code: "TSP3048", message: "server has no probe web:reqest", hints: ["did you mean web:request?"], culprit: "reqest" },
    ],
    [
      "another name",
      usdtTarget("db", "query__start"),
      {
        code: "TSP3048",
        message: "server has no probe db:query__start",
        hints: ["it has web:request, web:done, other:done"],
        culprit: "query__start",
      },
    ],
    [
      "a file without probes",
      usdtTarget("web", "request", { file: path("bare") }),
      {
        code: "TSP3048",
        message: "bare has no probe web:request",
        hints: ["it has no probes of its own: hook a function, with uprobe(…)"],
        culprit: "request",
      },
    ],
    [
      "two providers",
      usdtTarget("", "done"),
      {
        code: "TSP3050",
        message: "server has several probes done",
        hints: ["say which: web:done or other:done"],
        culprit: "done",
      },
    ],
    [
      "too many arguments",
      usdtTarget("web", "request", { args: { a: "u8", b: "u8", c: "u8", d: "u8" } }),
      { code: "TSP3049", message: "the probe web:request has 3 arguments, and d would be number 4", hints: [], culprit: "d" },
    ],
    [
      "arguments of one that has none",
      usdtTarget("web", "done", { args: { a: "u8" } }),
      { code: "TSP3049", message: "the probe web:done has no arguments, and a would be number 1", hints: [], culprit: "a" },
    ],
  ])("refused: %s", (_, target, refusal) => expect(refusalOf(resolveUsdt(target, x86))).toEqual(refusal));

  test("without a provider, the only one that has it", () => {
    expect(hookOf(resolveUsdt(usdtTarget("", "request"), x86)).title).toBe(`usdt:${path("server")}:web:request`);
  });
});
