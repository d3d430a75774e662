import { release } from "node:os";
import { afterAll, expect, test } from "vitest";
import { openKernelBtf } from "../../kernel/kernel-btf.js";
import { tryAbilities } from "../../runtime/probing/abilities.js";
import { CliFolder } from "./harness/cli-folder.js";
import { describeWhere, type Requirement, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

const folder = new CliFolder();
afterAll(() => folder.dispose());

/** A kernel like that of a locked-down host: no programs on functions at all. */
const requireLockedDown: Requirement = () => {
  const abilities = tryAbilities(openKernelBtf);
  const { tracing, kprobes } = { tracing: abilities.tracing(), kprobes: abilities.kprobes() };
  if (tracing.ok || kprobes.ok) return "this kernel lets functions be probed; test/vm/functions.test.ts does";
  return tracing.reason.includes("EPERM") && kprobes.reason === "this kernel has no kprobes" ? undefined : "it refuses otherwise";
};

async function refused(text: string): Promise<string> {
  const script = folder.write(
    "script.ts",
    `import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";\n${text}\n`,
  );
  const { code, stderr } = await folder.run(["run", "--no-check", script]);
  return `${stderr.replaceAll(release(), "RELEASE")}exit ${code}\n`;
}

describeWhere([requireRoot, requireTracefs, requireBuild, requireLockedDown], "functions on a locked-down kernel", () => {
  test("fentry is refused early, with what would work", async () => {
    expect(await refused('export const p = fentry("tcp_connect", ({ sk }) => ({ mark: sk.sk_mark }));')).toMatchInlineSnapshot(`
      "error[TSP3010]: fentry does not work here: programs of type TRACING are refused (EPERM)
       --> script.ts:2:18
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = fentry("tcp_connect", ({ sk }) => ({ mark: sk.sk_mark }));
        |                  ^^^^^^
      hint: kprobe does not work here either (this kernel has no kprobes); raw tracepoints and tracepoints do; those of tcp are tcp_retransmit_skb, tcp_send_reset, tcp_receive_reset, tcp_destroy_sock, tcp_rcv_space_adjust and more
      exit 14
      "
    `);
  });

  test("kretprobe and patterns are refused early", async () => {
    expect(await refused('export const p = kretprobe("vfs_read", ({ ret }) => ({ ret }));')).toMatchInlineSnapshot(`
      "error[TSP3011]: kretprobe does not work here: this kernel has no kprobes
       --> script.ts:2:18
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = kretprobe("vfs_read", ({ ret }) => ({ ret }));
        |                  ^^^^^^^^^
      hint: fexit does not work here either (programs of type TRACING are refused (EPERM)); raw tracepoints and tracepoints do
      exit 14
      "
    `);
    expect(await refused('export const p = kprobe("tcp_v4_*", () => ({ yes: 1 }));')).toMatchInlineSnapshot(`
      "error[TSP3011]: kprobe does not work here: this kernel has no kprobes
       --> script.ts:2:18
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = kprobe("tcp_v4_*", () => ({ yes: 1 }));
        |                  ^^^^^^
      hint: fentry does not work here either (programs of type TRACING are refused (EPERM)); raw tracepoints and tracepoints do; those of tcp are tcp_retransmit_skb, tcp_send_reset, tcp_receive_reset, tcp_destroy_sock, tcp_rcv_space_adjust and more
      exit 14
      "
    `);
  });
});

describeWhere([requireRoot, requireTracefs, requireBuild], "names of functions and raw tracepoints", () => {
  test("a mistyped function, wherever it is hooked", async () => {
    expect(await refused('export const p = fexit("tcp_conect", ({ ret }) => ({ ret }));')).toMatchInlineSnapshot(`
      "error[TSP3006]: this kernel (RELEASE) has no function tcp_conect
       --> script.ts:2:25
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = fexit("tcp_conect", ({ ret }) => ({ ret }));
        |                         ^^^^^^^^^^
      hint: did you mean tcp_connect?
      hint: a function that the compiler has put into its callers (inlined) is not there any more: probe one that calls it
      exit 7
      "
    `);
    const asKprobe = await refused('export const p = kprobe("tcp_conect", ({ sk }) => ({ mark: sk.sk_mark }));');
    expect(asKprobe).toContain("error[TSP3006]: this kernel (RELEASE) has no function tcp_conect\n");
    expect(asKprobe).toContain("hint: did you mean tcp_connect?\n");
  });

  test("a mistyped raw tracepoint, and one with its category", async () => {
    expect(
      await refused('export const p = rawTracepoint("sched_swich", ({ next }) => ({ pid: next.pid }));'),
    ).toMatchInlineSnapshot(`
      "error[TSP3007]: this kernel (RELEASE) has no raw tracepoint sched_swich
       --> script.ts:2:33
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = rawTracepoint("sched_swich", ({ next }) => ({ pid: next.pid }));
        |                                 ^^^^^^^^^^^
      hint: did you mean sched_switch?
      exit 7
      "
    `);
    expect(
      await refused('export const p = rawTracepoint("sched:sched_switch", ({ next }) => ({ pid: next.pid }));'),
    ).toMatchInlineSnapshot(`
      "error[TSP3007]: this kernel (RELEASE) has no raw tracepoint sched:sched_switch
       --> script.ts:2:33
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = rawTracepoint("sched:sched_switch", ({ next }) => ({ pid: next.pid }));
        |                                 ^^^^^^^^^^^^^^^^^^
      hint: raw tracepoints have no category: write "sched_switch"
      exit 7
      "
    `);
  });

  test("an argument that is not there", async () => {
    expect(
      await refused('export const p = rawTracepoint("sched_switch", ({ nxt }) => ({ pid: nxt.pid }));'),
    ).toMatchInlineSnapshot(`
      "error[TSP3002]: the raw tracepoint sched_switch has no field nxt
       --> script.ts:2:51
      1 | import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";
      2 | export const p = rawTracepoint("sched_switch", ({ nxt }) => ({ pid: nxt.pid }));
        |                                                   ^^^
      hint: did you mean next?
      exit 7
      "
    `);
  });
});
