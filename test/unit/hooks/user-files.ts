import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { UsdtTarget, UserFunctionTarget } from "../../../dsl/targets.js";
import type { Hook, HookRefusal, ResolvedHook } from "../../../hooks/hook.js";
import { type Machine, machineOf } from "../../../kernel/user/machine.js";
import { buildElf, DATA, TEXT } from "../../fixtures/elf-image.js";

/** Files that hooks of user programs name, and what resolving them gives. */
export const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-hooks-")));
afterAll(() => rmSync(folder, { recursive: true }));
/** A file in it: server, stripped, bare, object.o, server.arm64, script, shell, libc.so, text. */
export const path = (name: string) => join(folder, name);

const SYMBOLS = [
  { name: "serve_request", address: TEXT + 0x10 },
  { name: "serve_file", address: TEXT + 0x20 },
  { name: "fastest", address: TEXT + 0x30, type: 10 },
  { name: "settings", address: DATA + 8, type: 1 },
  { name: "counter", address: DATA + 0x20, type: 1 },
];
const USDT = [
  { provider: "web", name: "request", address: TEXT + 0x14, semaphore: DATA + 2, arguments: "-4@%edi 8@%rsi 8f@%xmm0" },
  { provider: "web", name: "request", address: TEXT + 0x24, semaphore: DATA + 2, arguments: "-4@$7 8@8(%rsp) 8f@%xmm1" },
  { provider: "web", name: "request", address: TEXT + 0x28, semaphore: DATA + 2, arguments: "-4@%edi 8@%rsi 8f@%xmm0" },
  { provider: "web", name: "done", address: TEXT + 0x2c, arguments: "" },
  { provider: "other", name: "done", address: TEXT + 0x2d, arguments: "-4@counter(%rip) 8@gone(%rip) 8@?" },
];
writeFileSync(path("server"), buildElf({ symbols: SYMBOLS, usdt: USDT }));
writeFileSync(path("stripped"), buildElf({ symbols: SYMBOLS.slice(0, 1), stripped: true }));
writeFileSync(path("bare"), buildElf({ stripped: true }));
writeFileSync(path("object.o"), buildElf({ type: 1 }));
writeFileSync(
  path("server.arm64"),
  buildElf({ machine: 183, symbols: SYMBOLS, usdt: [{ ...USDT[3], arguments: "-4@[sp, 60] 8@x1" } as never] }),
);
writeFileSync(path("script"), "#!/usr/bin/env python3\nprint(1)\n");
writeFileSync(path("shell"), "#! /bin/sh -e\n");
writeFileSync(path("libc.so"), "/* GNU ld script */\nGROUP ( /lib/libc.so.6 )\n");
writeFileSync(path("text"), "hello");

export const x86 = machineOf("x64") as Machine;
export const arm = machineOf("arm64") as Machine;

export const functionTarget = (symbol: string | number, more: Partial<UserFunctionTarget> = {}): UserFunctionTarget => ({
  kind: "uprobe",
  file: path("server"),
  symbol,
  offset: 0,
  pid: undefined,
  args: {},
  returns: "u64",
  ...more,
});
export const usdtTarget = (provider: string, name: string, more: Partial<UsdtTarget> = {}): UsdtTarget => ({
  kind: "usdt",
  file: path("server"),
  provider,
  name,
  pid: undefined,
  args: {},
  ...more,
});

export function hookOf(resolved: ResolvedHook): Hook {
  if ("refusal" in resolved) throw new Error(resolved.refusal.message);
  return resolved.hook;
}

/** What a refusal says, the folder left out. */
export function refusalOf(resolved: ResolvedHook): Omit<HookRefusal, "failure"> & { failure?: string } {
  if ("hook" in resolved) throw new Error(`not refused: ${resolved.hook.title}`);
  const { failure, ...rest } = resolved.refusal;
  const plain = JSON.parse(JSON.stringify(rest).replaceAll(`${folder}/`, "")) as HookRefusal;
  return failure === "name" ? plain : { ...plain, failure };
}
