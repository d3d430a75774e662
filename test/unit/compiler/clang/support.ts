import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Program } from "../../../../compiler/program.js";
import type { SourceFile, Span } from "../../../../diagnostics/span.js";
import type { Requirement } from "../../../e2e/harness/requirements.js";

/** The clangs that tests of real output use, by the names Debian gives them. */
export const installedClangs = [
  "clang-14",
  "clang-15",
  "clang-16",
  "clang-17",
  "clang-18",
  "clang-19",
  "clang-20",
  "clang",
].filter((name) => spawnSync(name, ["--version"]).status === 0);

/** One of them. */
export const requireClang: Requirement = () =>
  installedClangs.length > 0 ? undefined : "needs a clang for BPF (apt-get install clang-16)";

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "tsprobe-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function executable(path: string, text: string): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** The text of a span, to say in a test what is underlined. */
export function textOf(span: Span | undefined): string | undefined {
  return span?.file.text.slice(span.start, span.end);
}

export const PRELUDE = `typedef unsigned long long u64;
typedef long long s64;
typedef unsigned int u32;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;
static long (*use)(void *) = (void *)6;
char LICENSE[] __attribute__((section("license"), used)) = "GPL";
`;

/**
 * A program whose every script line is a statement, and whose only probe is the C function `states`, declared on line 1.
 * `body` is C with "@LINE n" for the #line directive of script line n.
 */
export function programOf(file: SourceFile, body: string): Program {
  const c = PRELUDE + body.replace(/^\s*@LINE (\d+)$/gm, (_, line) => `#line ${line} ${JSON.stringify(file.path)}`);
  const statements: Span[] = [];
  let start = 0;
  for (const line of file.text.split("\n")) {
    if (line.trim() !== "") statements.push({ file, start: start + line.search(/\S/), end: start + line.length });
    start += line.length + 1;
  }
  const [first] = statements;
  if (first === undefined) throw new Error("a script needs a line");
  const attach = { kind: "tracepoint", events: [{ category: "sock", event: "inet_sock_set_state" }] } as const;
  return {
    c,
    probes: [{ functionName: "states", name: "states", attach, title: "sock:inet_sock_set_state", span: first }],
    events: [],
    counters: [],
    maps: [],
    aggregations: [],
    options: [],
    statements,
  };
}

/** A script file on disk, as clang will look for it. */
export function scriptFile(directory: string, lines: readonly string[]): SourceFile {
  const file = { path: join(directory, "script.ts"), text: `${lines.join("\n")}\n` };
  writeFileSync(file.path, file.text);
  return file;
}

/** A correct program: two lines of the script, one value. */
export const GOOD_BODY = `
@LINE 1
__attribute__((section("tracepoint/sock/inet_sock_set_state"), used)) int states(u64 *ctx) {
@LINE 2
  u64 now = bpf_ktime_get_ns();
@LINE 3
  return now > ctx[1];
}
`;

export const GOOD_SCRIPT = [
  'tracepoint("sock:inet_sock_set_state", (ctx) => {',
  "  const now = ktimeNs();",
  "  return now > ctx.skaddr;",
  "});",
];
