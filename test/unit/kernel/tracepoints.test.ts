import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";
import { listTracepoints, readTracepoint } from "../../../kernel/tracepoints.js";
import { fixtureKernel } from "../../fixtures/kernel.js";

const saved = fixtureKernel();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-tracefs-"));
  mkdirSync(join(folder, "events/cat/broken"), { recursive: true });
  mkdirSync(join(folder, "events/cat/other"), { recursive: true });
  mkdirSync(join(folder, "events/ftrace/function"), { recursive: true });
  writeFileSync(join(folder, "events/enable"), "0");
  writeFileSync(join(folder, "events/cat/broken/format"), "nonsense");
});
afterAll(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe("readTracepoint", () => {
  it("reads the fields that tcpstates needs", () => {
    const format = saved.tracepoint("sock:inet_sock_set_state");
    expect(format?.fields.map((field) => `${field.name}@${field.offset}`).join(" ")).toBe(
      "skaddr@8 oldstate@16 newstate@20 sport@24 dport@26 family@28 protocol@30 saddr@32 daddr@36 saddr_v6@40 daddr_v6@56",
    );
    expect(format).toMatchObject({ category: "sock", name: "inet_sock_set_state" });
  });

  it.each([
    "sock:nothing",
    "nothing:inet_sock_set_state",
    "sock",
    "",
    ":",
    "sock:",
    "..:available_events",
    "sock:..",
    "sock/inet_sock_set_state:x",
    "sock:inet_sock_set_state/format",
  ])("knows no tracepoint %j", (name) => {
    expect(saved.tracepoint(name)).toBeUndefined();
  });

  it("says that a description is not understood", () => {
    expect(() => readTracepoint({ root: folder, mountedNow: false }, "cat:broken")).toThrow(DiagnosticError);
    expect(() => readTracepoint({ root: folder, mountedNow: false }, "cat:broken")).toThrow(
      /TSP1204: .* cat:broken is not understood/,
    );
  });
});

describe("listTracepoints", () => {
  it("reads available_events", () => {
    expect(saved.tracepointNames()).toContain("sock:inet_sock_set_state");
    for (const name of saved.tracepointNames()) expect(saved.tracepoint(name), name).toBeDefined();
  });

  it("walks the directories when that file is missing, without ftrace's own records", () => {
    expect(listTracepoints({ root: folder, mountedNow: false }).sort()).toEqual(["cat:broken", "cat:other"]);
  });

  it("says so when neither is readable", () => {
    expect(() => listTracepoints({ root: join(folder, "gone"), mountedNow: false })).toThrow(/TSP1202: .*ENOENT/);
  });
});
