import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { printAllDeclarations, printDeclarationsFor } from "../../kernel/declarations.js";
import { openKernel } from "../../kernel/info.js";
import { describeWhere, requireFile, requireRoot } from "./harness/requirements.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Compiles only when each of these fields has just this type, the literal lengths included. */
const USES = `
import type { Bytes, KernelStruct, TracepointContext, ptr, s32, u16, u32 } from "tsprobe";
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <T extends true>(): T | undefined => undefined;
type State = TracepointContext<"sock:inet_sock_set_state">;
yes<Same<State["skaddr"], ptr>>();
yes<Same<State["newstate"], s32>>();
yes<Same<State["sport"], u16>>();
yes<Same<State["saddr_v6"], Bytes<16>>>();
yes<Same<TracepointContext<"sched:sched_switch">["prev_comm"], string>>();
yes<Same<TracepointContext<"net:net_dev_queue">["name"], string>>();
type Sock = KernelStruct<"sock">;
yes<Same<Sock["__sk_common"]["skc_dport"], u16>>();
yes<Same<Sock["__sk_common"]["skc_net"]["net"], KernelStruct<"net"> | null>>();
yes<Same<KernelStruct<"task_struct">["comm"], string>>();
yes<Same<NonNullable<KernelStruct<"task_struct">["real_parent"]>["tgid"], s32>>();
yes<Same<KernelStruct<"tcp_sock">["srtt_us"], u32>>();
// @ts-expect-error: no such field
export type Wrong = State["nothing"];
// @ts-expect-error: may be null
export const inum = (sk: Sock): number => sk.__sk_common.skc_net.net.ns.inum;
`;

describeWhere([requireRoot, requireFile("/sys/kernel/btf/vmlinux")], "declarations of this kernel, checked by tsc", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsprobe-declarations-"));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function check(declarations: string): string {
    writeFileSync(join(folder, "kernel.d.ts"), declarations);
    writeFileSync(join(folder, "uses.ts"), USES);
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      moduleResolution: "nodenext",
      types: ["node"],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      paths: { tsprobe: [join(ROOT, "dsl/index.ts")] },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["kernel.d.ts", "uses.ts"] }));
    const run = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"], {
      encoding: "utf8",
      cwd: folder,
    });
    return run.stdout + run.stderr;
  }

  it("are right in full", () => {
    const text = printAllDeclarations(openKernel());
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(check(text)).toBe("");
  }, 60_000);

  it("are right in full as the snapshot", () => {
    expect(check(printAllDeclarations(openKernel(), "Snapshot"))).toBe("");
  }, 60_000);

  it("are right and small for one script", () => {
    const text = printDeclarationsFor(openKernel(), {
      tracepoints: ["sock:inet_sock_set_state", "sched:sched_switch", "net:net_dev_queue"],
      structs: ["sock", "task_struct", "tcp_sock"],
      members: new Set(USES.match(/\w+/g)),
    });
    expect(text.length).toBeLessThan(5_000);
    expect(check(text)).toBe("");
  }, 60_000);
});
