import { beforeEach, describe, expect, test } from "vitest";
import { kptr } from "../../../../dsl/builtins.js";
import { beginScript } from "../../../../dsl/script.js";
import { fixture, kernelMemory, task } from "../../../../dsl/test/index.js";

/** Names and fields are those of a kernel, which the types know only with its declarations. */
const anyName = (name: string) => name as never;

describe("fixture", () => {
  const context = fixture(anyName("sock:inet_sock_set_state"), { sport: 80, saddr: undefined } as never) as {
    sport: number;
    saddr?: unknown;
    dport: number;
  };

  test("has the fields it was given, also those that are undefined", () => {
    expect([context.sport, context.saddr]).toEqual([80, undefined]);
  });

  test("names a field that the test forgot", () => {
    expect(() => context.dport).toThrow(
      new ReferenceError("the fixture of sock:inet_sock_set_state has no dport: add it to the test"),
    );
  });

  test("can be printed by a failing assertion", () => {
    expect(() => expect(context).toEqual({})).toThrow(/sport/);
  });
});

describe("kernelMemory", () => {
  test("puts a struct where kptr finds it", () => {
    kernelMemory(anyName("sock"), 0xffffn, { sk_mark: 7 } as never);
    expect((kptr(anyName("sock"), 0xffffn) as { sk_mark: number }).sk_mark).toBe(7);
    expect(() => (kptr(anyName("sock"), 0xffffn) as { sk_prot: number }).sk_prot).toThrow(/struct sock has no sk_prot/);
  });

  test("kptr says which struct is missing", () => {
    expect(() => kptr(anyName("sock"), 1n)).toThrow(/kptr\("sock", 1\): no such struct in this test/);
    expect(() => kptr(anyName("file"), 0xffffn)).toThrow(/kptr\("file", 65535\)/);
  });
});

describe("a real probe in plain Node: tcpstates", () => {
  let probe: typeof import("../../../../probes/tcpstates.js");
  beforeEach(async () => {
    beginScript([]);
    probe = await import("../../../../probes/tcpstates.js");
  });

  const event = (fields: object) => {
    const shown: object[] = [];
    probe.states.on((row) => void shown.push(row));
    probe.changes.handler(
      fixture(anyName("sock:inet_sock_set_state"), {
        protocol: 6,
        family: 2,
        sport: 80,
        dport: 4000,
        skaddr: 0xabcn,
        saddr: [127, 0, 0, 1],
        daddr: [10, 0, 0, 1],
        oldstate: 7,
        newstate: 2,
        ...fields,
      } as never),
    );
    return shown[0];
  };

  test("an event per transition, with the time since the one before", () => {
    task({ pid: 42, comm: "curl", ktimeNs: 1_000_000n });
    kernelMemory(anyName("sock"), 0xabcn, { __sk_common: { skc_num: 80 }, sk_err: 0 } as never);
    expect(event({})).toMatchObject({
      sk: 0xabcn,
      pid: 42,
      comm: "curl",
      laddr: "127.0.0.1",
      lport: 80,
      raddr: "10.0.0.1",
      rport: 4000,
      from: "CLOSE",
      to: "SYN_SENT",
      us: 0n,
    });
    task({ ktimeNs: 3_500_000n });
    expect(event({ oldstate: 2, newstate: 7 })).toMatchObject({ from: "SYN_SENT", to: "CLOSE", us: 2500n });
    expect(event({})).toMatchObject({ us: 0n });
  });

  test("nothing for other protocols", () => {
    expect(event({ protocol: 17 })).toBeUndefined();
  });
});
