import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder } from "./harness/cli-folder.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

/** Calls that a process makes of itself when it is let go; nothing else of it matches the patterns here. */
const WORKLOAD =
  "python3 -c 'import os\nfor _ in range(3): os.getpgid(0)\nfor _ in range(2): os.getsid(0)\nos.getpriority(0, 0)'";

async function run(script: string, ...flags: string[]) {
  const ended = await folder.run(["run", folder.write("script.ts", script), "--format", "json", "-c", WORKLOAD, ...flags]);
  const lines = readJsonLines(ended.stdout) as { readonly type: string; readonly data: Record<string, unknown> }[];
  return { ...ended, events: lines.filter(({ type }) => type === "event").map(({ data }) => data) };
}

describeWhere([requireRoot, requireTracefs, requireBuild], "tracepoints by a pattern", () => {
  test("each is hooked, probeName() tells which was hit, common fields are there", async () => {
    const { events, stderr, code } = await run(
      'import { probeName, tracepoint } from "tsprobe";\n' +
        'export const calls = tracepoint("syscalls:sys_exit_get*id", (ctx) => ({ what: probeName(), good: ctx.ret >= 0n }));\n',
    );
    const seen = events.map(({ what }) => what);
    expect(
      seen.filter((what) => what === "syscalls:sys_exit_getpgid"),
      stderr,
    ).toHaveLength(3);
    expect(seen.filter((what) => what === "syscalls:sys_exit_getsid")).toHaveLength(2);
    expect(seen).not.toContain("syscalls:sys_exit_getpriority");
    expect(events.every(({ good }) => good === true)).toBe(true);
    expect(stderr).toContain("attached to syscalls:sys_exit_get*id");
    expect(code).toBe(0);
  });

  test("a probe as a key: counts by what was hit, in aggregations and maps, with and without a pattern", async () => {
    const { stdout, stderr, code } = await run(`import { count, hash, onExit, probeName, tracepoint } from "tsprobe";
const hits = count().by("probe");
const ends = hash({ key: ["probe", "bool"], value: "u32" });
tracepoint("syscalls:sys_enter_getpri*", () => hits.add(probeName()));
tracepoint("syscalls:sys_enter_getpg*", () => hits.add(probeName()));
tracepoint("syscalls:sys_exit_get*id", (ctx) => ends.incr([probeName(), ctx.ret >= 0n]));
tracepoint("syscalls:sys_enter_getsid", () => hits.add(probeName()));
onExit(() => console.log(JSON.stringify([[...hits.read()].filter(([probe]) => !probe.includes("pgrp")).sort(), ends.get(["syscalls:sys_exit_getsid", true])])));
`);
    const shown = stdout.split("\n").find((line) => line.startsWith("[["));
    expect(shown, stderr).toBe(
      JSON.stringify([
        [
          ["syscalls:sys_enter_getpgid", 3],
          ["syscalls:sys_enter_getpriority", 1],
          ["syscalls:sys_enter_getsid", 2],
        ],
        2,
      ]),
    );
    expect(code).toBe(0);
  });

  test("another text than a probe's name is no such key", async () => {
    const { stderr, code } = await run(`import { comm, count, tracepoint } from "tsprobe";
const hits = count().by("probe");
tracepoint("syscalls:sys_enter_getsid", () => hits.add(comm()));
`);
    expect(stderr).toContain("error[TSP2201]: the key of hits holds");
    expect(code).toBe(6);
  });

  test("a handler without a parameter", async () => {
    const { events, stderr } = await run(
      'import { probeName, tracepoint } from "tsprobe";\n' +
        'export const calls = tracepoint("syscalls:sys_enter_getp*", () => ({ what: probeName() }));\n',
    );
    const seen = events.map(({ what }) => what);
    expect(
      seen.filter((what) => what === "syscalls:sys_enter_getpgid"),
      stderr,
    ).toHaveLength(3);
    expect(seen.filter((what) => what === "syscalls:sys_enter_getpriority")).toHaveLength(1);
  });

  test("a field that only some of them have is refused, with those that all have", async () => {
    const { stderr, code } = await run(
      'import { tracepoint } from "tsprobe";\n' +
        'export const calls = tracepoint("syscalls:sys_enter_get*id", (ctx) => ({ pid: (ctx as { pid: number }).pid }));\n',
    );
    expect(stderr).toContain("the tracepoints syscalls:sys_enter_get*id have no common field pid");
    expect(stderr).toContain("__syscall_nr");
    expect(code).toBe(7);
  });

  test("a pattern that matches nothing is refused at its place", async () => {
    const { stderr, code } = await run(
      'import { tracepoint } from "tsprobe";\ntracepoint("tcp:no_such_*", () => ({ a: 1 })).on(() => {});\n',
    );
    expect(stderr).toMatch(/error\[TSP3001\]: no tracepoint of this kernel \(.*\) matches tcp:no_such_\*/);
    expect(code).toBe(7);
  });
});

describeWhere([requireRoot, requireTracefs, requireBuild], "firstOf", () => {
  // What only another kernel has is no type error: `as string`.
  const script = (first: string) => `import { firstOf, tracepoint } from "tsprobe";
export const calls = firstOf(
  tracepoint("${first}" as string, () => ({ from: "first" })),
  tracepoint("syscalls:sys_enter_getpgid", () => ({ from: "second" })),
);
`;

  test("the first that this kernel has is used; -v says which and why not another", async () => {
    const { events, stderr, code } = await run(script("syscalls:no_such_call"), "-v");
    expect(events, stderr).toEqual([{ from: "second" }, { from: "second" }, { from: "second" }]);
    expect(stderr).toMatch(
      /calls: uses syscalls:sys_enter_getpgid \(not syscalls:no_such_call: this kernel \(.*\) has no tracepoint syscalls:no_such_call\)/,
    );
    expect(code).toBe(0);
  });

  test("the first choice is used alone", async () => {
    const { events, stderr } = await run(script("syscalls:sys_enter_getsid"), "-v");
    expect(events, stderr).toEqual([{ from: "first" }, { from: "first" }]);
    expect(stderr).toContain("calls: uses syscalls:sys_enter_getsid, the first choice");
  });

  test("where nothing() is the last, the script runs without it, and -v says what is missing", async () => {
    const text = `import { firstOf, nothing, tracepoint } from "tsprobe";
export const ids = firstOf(
  tracepoint("syscalls:no_such_call" as string, () => ({ from: "ids" })),
  nothing("identities are not seen"),
);
export const groups = firstOf(
  tracepoint("syscalls:sys_enter_getpgid", () => ({ from: "groups" })),
  nothing("groups are not seen"),
);
`;
    const { events, stderr, code } = await run(text, "-v");
    expect(events, stderr).toEqual(Array(3).fill({ from: "groups" }));
    expect(stderr).toMatch(
      /ids: uses no hook: identities are not seen \(not syscalls:no_such_call: this kernel \(.*\) has no tracepoint syscalls:no_such_call\)/,
    );
    expect(stderr).toContain("groups: uses syscalls:sys_enter_getpgid, the first choice");
    expect(code).toBe(0);
  });

  test("a script that this kernel has no hook for at all is refused, in spite of nothing()", async () => {
    const text = `import { firstOf, nothing, tracepoint } from "tsprobe";
firstOf(tracepoint("syscalls:no_such_call" as string, () => {}), nothing());
firstOf(tracepoint("syscalls:nor_this" as string, () => {}), nothing());
`;
    const { stderr, code } = await run(text, "--no-check");
    expect(stderr).toContain("error[TSP3005]: this kernel has none of the alternatives");
    for (const name of ["no_such_call", "nor_this"]) expect(stderr).toContain(`has no tracepoint syscalls:${name}`);
    expect(stderr).toContain(":2:");
    expect(code).toBe(7);
  });

  test("with none of them there is one error that gives each reason", async () => {
    const { stderr, code } = await run(
      script("syscalls:no_such_call").replace("sys_enter_getpgid", "not_there_either"),
      "--no-check",
    );
    expect(stderr).toContain("error[TSP3005]: this kernel has none of the alternatives");
    expect(stderr).toContain("syscalls:no_such_call: this kernel");
    expect(stderr).toContain("syscalls:not_there_either: this kernel");
    expect(code).toBe(7);
  });
});
