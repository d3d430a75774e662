import { expect, it } from "vitest";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import { describeInVms, runInVm, scriptPath } from "./harness/vm.js";

const CONNECTIONS = 20;
const repeated = <T>(value: T, times = CONNECTIONS): T[] => Array.from({ length: times }, () => value);
type Seen = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> & { readonly port: number };

describeInVms((version) => {
  it("probes of kernel functions see every call, with its arguments and results", { timeout: 600_000 }, async () => {
    const { stdout, status } = await runInVm(version, [scriptPath("functions.sh"), tsprobeEntry, scriptPath("scripts")], 580_000);
    const all = stdout;
    expect(status, all).toBe(0);
    expect(all).toContain("\nended with 0\n");
    const line = all.split("\n").find((text) => text.startsWith('{"port":'));
    const seen = JSON.parse(line ?? "{}") as Seen;
    const { port } = seen;
    const swapped = ((port & 0xff) << 8) | (port >> 8);
    expect(seen.entered).toEqual(repeated({ port: swapped }));
    expect(seen.left).toEqual(repeated({ port: swapped, ret: 0 }));
    expect(seen.probed).toEqual(repeated({ port: swapped }));
    expect(seen.returned).toEqual(repeated({ ret: 0 }));
    expect(seen.inRegister).toEqual(repeated({ port: swapped, high: 1 }));
    expect(seen.asked).toEqual(repeated({ count: 70_001 }, 3));
    expect(seen.got).toEqual([{ ret: 70_001 }, { ret: 4_999 }, { ret: -21 }]);
    expect(seen.both).toEqual([70_001, 4_999, -21].map((ret) => ({ count: 70_001, ret })));
    // Both functions of the pattern, each once a connection.
    const names = ["kprobe:tcp_v4_connect", "kprobe:tcp_v4_conn_request"];
    for (const name of names) expect(seen.several?.filter((event) => event.name === name)).toEqual(repeated({ name, family: 2 }));
    expect(seen.several).toHaveLength(2 * CONNECTIONS);
    for (const name of names.map((each) => each.replace("kprobe", "kretprobe")))
      expect(seen.severalReturned?.filter((event) => event.name === name)).toEqual(repeated({ name, ret: 0 }));
    // The arguments of the raw tracepoint (tp_btf here) are those its record is made of: but for sk's port, which the record takes later.
    const moves = (name: string) => seen[name]?.map(({ moved }) => moved);
    expect(moves("raw")).toEqual(moves("record"));
    expect(moves("raw")?.filter((moved) => moved === 702)).toHaveLength(CONNECTIONS);
    const accepted = (name: string) => seen[name]?.filter((event) => event.port === port && event.moved === 301);
    expect(accepted("raw")).toHaveLength(CONNECTIONS);
    expect(accepted("raw")).toEqual(accepted("record"));
    // In one link where the kernel has that, else one each; nothing is left of either.
    expect(all).toContain("kprobe:tcp_v4_conn* (2 functions)");
    for (const way of ["exit", "INT", "KILL"]) expect(all).toContain(`after ${way}: 0 events, 0 links, 0 programs`);
    // 60 processes slept at once, more than a kretprobe follows: each is an event, or known to be missed, or said to be not known.
    const woken = all.split("\n").filter((text) => text.includes('"name":"woken"')).length;
    const missed = Number(/"missedHits":\[\{"probe":"woken","count":(\d+)/.exec(all)?.[1] ?? 0);
    expect(woken).toBeGreaterThan(0);
    if (version === "6.1")
      expect(all).toContain(
        'whether returns of "woken" were missed is not known: this kernel does not count it (Linux 6.7 and newer do)',
      );
    else {
      expect(missed).toBeGreaterThan(0);
      expect(woken + missed).toBe(60);
      expect(all).toContain(`the kernel missed ${missed} returns of "woken": it follows a limited number of calls at a time`);
    }
    expect(all).toContain(
      "error[TSP7015]: the kernel does not set a kprobe at tcp_connect+1 (EILSEQ)\n --> test/vm/scripts/functions-inside.ts:3:",
    );
    expect(all).toContain("hint: no instruction begins at offset 1\ninside ended with 12");
    expect(all).toContain("error[TSP7015]: the kernel does not set a kprobe at get_kprobe (EINVAL)\n");
    expect(all).toContain("hint: get_kprobe is part of what kprobes themselves need, so the kernel forbids them there\n");
    expect(all).toContain("error[TSP7010]: the kernel did not attach the program to fentry:sched_clock (EBUSY)\n");
    expect(all).toContain(version === "6.1" ? "many ended with 14" : "attached to fentry:ip_append_data\n");
    if (version === "6.1")
      expect(all).toMatch(
        /error\[TSP3009\]: this kernel cannot hook ip_append_data by fentry: its arguments are more than this kernel.s trampolines pass on \(ENOTSUPP\)/,
      );
  });
});
