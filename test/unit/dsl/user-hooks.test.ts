import { beforeEach, expect, test } from "vitest";
import { pid } from "../../../dsl/builtins-task.js";
import { perfEvent, profile } from "../../../dsl/samples.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { describeTarget } from "../../../dsl/targets.js";
import { fakeTask } from "../../../dsl/task.js";
import { usdt } from "../../../dsl/usdt.js";
import { uprobe, uretprobe } from "../../../dsl/user-function.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

const targets = () => script.probes.map(({ target }) => target);
const titles = () => targets().map(describeTarget);

test("functions: what is declared", () => {
  uprobe("libc", "getaddrinfo", { args: { node: "ptr", port: "u16" }, pid: 12 }, () => ({ called: true }));
  uprobe("./server", 0x1139, { offset: 4 }, () => ({ called: true }));
  uprobe("bash", "main", () => ({ called: true }));
  uretprobe("libc", "connect", { returns: "s32" }, () => ({ called: true }));
  uretprobe("libc", "malloc", () => ({ called: true }));
  const base = { kind: "uprobe", offset: 0, pid: undefined, args: {}, returns: "u64" };
  expect(targets()).toEqual([
    { ...base, file: "libc", symbol: "getaddrinfo", args: { node: "ptr", port: "u16" }, pid: 12 },
    { ...base, file: "./server", symbol: 0x1139, offset: 4 },
    { ...base, file: "bash", symbol: "main" },
    { ...base, kind: "uretprobe", file: "libc", symbol: "connect", returns: "s32" },
    { ...base, kind: "uretprobe", file: "libc", symbol: "malloc" },
  ]);
  expect(titles()).toEqual([
    "uprobe:libc:getaddrinfo",
    "uprobe:./server:0x1139+4",
    "uprobe:bash:main",
    "uretprobe:libc:connect",
    "uretprobe:libc:malloc",
  ]);
});

test("probes of programs, samples and counters: what is declared", () => {
  usdt("libstdc++", "libstdcxx:throw", { args: { object: "ptr", n: "auto" } }, () => ({ passed: true }));
  usdt("./server", "web", "request", { pid: 7 }, () => ({ passed: true }));
  usdt("./server", "request", () => ({ passed: true }));
  usdt("./server", "web", "done", () => ({ passed: true }));
  profile(99, () => ({ hit: true }));
  perfEvent("page-faults", { period: 1 }, () => ({ hit: true }));
  perfEvent("cycles", { hz: 49 }, () => ({ hit: true }));
  const base = { kind: "usdt", pid: undefined, args: {} };
  expect(targets()).toEqual([
    { ...base, file: "libstdc++", provider: "libstdcxx", name: "throw", args: { object: "ptr", n: "auto" } },
    { ...base, file: "./server", provider: "web", name: "request", pid: 7 },
    { ...base, file: "./server", provider: "", name: "request" },
    { ...base, file: "./server", provider: "web", name: "done" },
    { kind: "profile", hz: 99 },
    { kind: "perfEvent", name: "page-faults", period: 1, hz: undefined },
    { kind: "perfEvent", name: "cycles", period: undefined, hz: 49 },
  ]);
  expect(titles().slice(2)).toEqual([
    "usdt:./server:request",
    "usdt:./server:web:done",
    "profile:99hz",
    "perfEvent:page-faults:1",
    "perfEvent:cycles:49hz",
  ]);
});

test("handlers run in Node, with arguments of the types that were declared", () => {
  fakeTask.pid = 4321;
  const lookups = uprobe("libc", "getaddrinfo", { args: { node: "ptr", port: "u16" } }, ({ node, port }) =>
    port === 0 ? undefined : { pid: pid(), node, port },
  );
  const failed = uretprobe("libc", "connect", { returns: "s32" }, ({ ret }) => (ret < 0 ? { ret } : undefined));
  const passed = usdt("./server", "web:request", { args: { size: "auto" } }, ({ size }) => ({ size: size / 2n }));
  const samples = profile(99, ({ ip }) => ({ user: ip < 0x8000_0000_0000_0000n }));
  const faults = perfEvent("page-faults", { period: 1 }, ({ addr, samplePeriod }) => ({ page: addr >> 12n, samplePeriod }));
  expect(lookups.handler({ node: 5n, port: 80 })).toEqual({ pid: 4321, node: 5n, port: 80 });
  expect(lookups.handler({ node: 5n, port: 0 })).toBeUndefined();
  expect(failed.handler({ ret: -1 })).toEqual({ ret: -1 });
  expect(passed.handler({ size: 10n })).toEqual({ size: 5n });
  expect(samples.handler({ ip: 0xffff_ffff_8000_0000n })).toEqual({ user: false });
  expect(faults.handler({ ip: 0n, samplePeriod: 1n, addr: 0x5000n })).toEqual({ page: 5n, samplePeriod: 1n });
});

test.each<[string, () => unknown, string]>([
  ["no file", () => uprobe("", "f", () => 1), 'uprobe(): "" is no file'],
  ["a file that is none", () => usdt(1 as never, "a:b", () => 1), "usdt(): 1 is no file"],
  ["no function", () => uprobe("libc", "", () => 1), 'uprobe(): "" is no function'],
  ["a function that is none", () => uretprobe("libc", -1, () => 1), "uretprobe(): -1 is no function"],
  ["a wrong type", () => uprobe("libc", "f", { args: { a: "int" as never } }, () => 1), 'uprobe(): "int" is no type for a'],
  [
    "auto for a function",
    () => uprobe("libc", "f", { args: { a: "auto" as never } }, () => 1),
    'uprobe(): "auto" is no type for a',
  ],
  [
    "a wrong result",
    () => uretprobe("libc", "f", { returns: "void" as never }, () => 1),
    'uretprobe(): "void" is no type for the result',
  ],
  [
    "a name that JavaScript would move",
    () => uprobe("libc", "f", { args: { 0: "u8" } }, () => 1),
    'uprobe(): "0" is no name for an argument',
  ],
  ["arguments in a list", () => uprobe("libc", "f", { args: ["u8"] as never }, () => 1), "uprobe(): args is no record of types"],
  ["a negative offset", () => uprobe("libc", "f", { offset: -4 }, () => 1), "uprobe(): -4 is no offset"],
  ["a process that is none", () => uprobe("libc", "f", { pid: 0 }, () => 1), "uprobe(): 0 is no process number"],
  ["a probe that is none", () => usdt("./server", "a:b:c", () => 1), 'usdt(): "a:b:c" is no probe'],
  ["no rate", () => profile(0, () => 1), "profile(): 0 is no rate"],
  ["a broken rate", () => profile(99.5, () => 1), "profile(): 99.5 is no rate"],
  ["no period", () => perfEvent("cycles", {} as never, () => 1), "perfEvent(): either a period or a rate is needed"],
  ["both", () => perfEvent("cycles", { hz: 1, period: 1 } as never, () => 1), "perfEvent(): either a period or a rate is needed"],
  ["a period of 0", () => perfEvent("cycles", { period: 0 }, () => 1), "perfEvent(): 0 is no period"],
])("refused: %s", (_, declare, message) => {
  expect(refusalOf(declare)).toMatchObject({ code: "TSP2302", message, hints: [expect.any(String)] });
  expect(script.probes).toEqual([]);
});
