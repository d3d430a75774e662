import { describe, expect, test } from "vitest";
import { describeWhere, requireFile } from "../../../../e2e/harness/requirements.js";
import { refusalsOf, valueIr } from "./lowered.js";

const MAP = 'const m = hash({ key: "u32", value: { x: "u64", y: "u8" } }); const o = { a: { b: 5 } };';

describe("optional chains", () => {
  test.each([
    ["m.get(1)?.x", "(link = m.get(label<number[0..4294967295]>(1)) ? wrap(link.x) : undefined)"],
    ["m.get(1)?.y ?? 3", "((link = m.get(label<number[0..4294967295]>(1)) ? wrap(link.y) : undefined) ?? 3)"],
    ["o?.a?.b", "5"],
    ["ctx?.id", "ctx.id"],
  ])("%s", async (text, expected) => {
    expect(await valueIr(`return { v: ${text} };`, MAP)).toBe(expected);
  });

  test("need ?. where something may be missing", async () => {
    expect(await refusalsOf("return { v: m.get(1).x };", MAP)).toMatchObject([{ code: "TSP2202", at: "m.get(1)" }]);
    expect(await refusalsOf("return { v: m.get(1)?.z };", MAP)).toMatchObject([{ code: "TSP3002", at: "z" }]);
    expect(await refusalsOf("return { v: m.get?.(1) };", MAP)).toMatchObject([{ code: "TSP2101" }]);
  });
});

const needsBtf = [requireFile("/sys/kernel/btf/vmlinux")];

describeWhere(needsBtf, "pointers to kernel structs", () => {
  const sk = 'const sk = kptr("sock", ctx.skaddr);';
  const target = "sock:inet_sock_set_state";
  test.each([
    ["sk.__sk_common.skc_family", "read!(sk.__sk_common.skc_family)"],
    ["sk.sk_socket?.state", "(link = read!(sk.sk_socket) ? wrap(read!(link.state)) : undefined)"],
    ["sk.__sk_common.skc_net.net?.ns.inum", "(link = read!(sk.__sk_common.skc_net.net) ? wrap(read!(link.ns.inum)) : undefined)"],
    [
      "sk.sk_socket?.file?.f_inode?.i_ino",
      "(link = read!(sk.sk_socket) ? (link_2 = read!(link.file) ? (link_3 = read!(link_2.f_inode) ? wrap(read!(link_3.i_ino)) : undefined) : undefined) : undefined)",
    ],
  ])("%s", async (text, expected) => {
    expect(await valueIr(`${sk} return { v: ${text} };`, "", target)).toBe(expected);
  });

  test("are followed after a test, too", async () => {
    expect(await refusalsOf(`${sk} const s = sk.sk_socket; if (s === null) return; return { v: s.state };`, "", target)).toEqual(
      [],
    );
    expect(await refusalsOf(`${sk} const s = sk.sk_socket; return { v: s.state };`, "", target)).toMatchObject([
      { code: "TSP2202", at: "s" },
    ]);
  });

  test.each([
    [`return { v: kptr("sock", ctx.skaddr).sk_protokol };`, "TSP3004", "struct sock has no member sk_protokol", "sk_protocol"],
    [`return { v: kptr("socc", ctx.skaddr).x };`, "TSP3003", "has no struct socc", "sock"],
    [`return { v: kptr(comm(), ctx.skaddr).x };`, "TSP2132", "the struct's name must be a literal text", "kptr"],
  ])("%s is refused", async (body, code, message, hint) => {
    const [refusal] = await refusalsOf(body, "", target);
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(refusal?.hints.join()).toContain(hint);
  });
});
