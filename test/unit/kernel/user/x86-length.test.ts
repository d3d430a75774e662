import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { expect, test } from "vitest";
import { openElf } from "../../../../kernel/elf/index.js";
import { isInstructionStart } from "../../../../kernel/user/instructions.js";
import { type Machine, machineOf } from "../../../../kernel/user/machine.js";
import { instructionLength } from "../../../../kernel/user/x86-length.js";

const bytes = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

test.each([
  ["endbr64", "f30f1efa"],
  ["push rbp", "55"],
  ["push r12", "4154"],
  ["mov rbp,rsp", "4889e5"],
  ["sub rsp,0x1000", "4881ec00100000"],
  ["mov eax,1", "b801000000"],
  ["mov ax,1", "66b80100"],
  ["movabs rax,imm64", "48b8 1122334455667788"],
  ["movabs al,moffs", "a0 1122334455667788"],
  ["mov rax,[rip+0x10]", "488b0510000000"],
  ["mov eax,[rsp+8]", "8b442408"],
  ["mov eax,[disp32]", "8b042511223344"],
  ["mov dword [rax],imm", "c70011223344"],
  ["mov word [rax],imm", "66c7001122"],
  ["test al,1", "f6c001"],
  ["not eax", "f7d0"],
  ["test eax,imm", "f7c011223344"],
  ["call", "e811223344"],
  ["je near", "0f8411223344"],
  ["nopw", "662e0f1f840000000000"],
  ["pshufd", "660f70c01b"],
  ["pcmpistri", "660f3a63c112"],
  ["vzeroupper", "c5f877"],
  ["vmovdqu ymm0,[rdi]", "c5fe6f07"],
  ["vpshufb", "c4e27100c1"],
  ["vpalignr", "c4e3710fc108"],
  ["vmovdqu64 zmm0,[rsi+0x40]", "62f1fe486f4601"],
  ["enter", "c8100000"],
])("%s", (_, hex) => {
  const code = bytes(hex);
  expect(instructionLength(code, 0)).toBe(code.length);
  // What follows does not matter, what is missing does.
  expect(instructionLength(Buffer.concat([code, bytes("ffffffff")]), 0)).toBe(code.length);
  expect(instructionLength(code.subarray(0, -1), 0)).toBeUndefined();
});

test.each([
  "06",
  "0e",
  "60",
  "82 00 00",
  "9a 00000000 0000",
  "ce",
  "d4 0a",
  "ea",
  "0f 04",
  "0f 0a",
  "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90",
  "",
])("%s is no instruction", (hex) => expect(instructionLength(bytes(hex), 0)).toBeUndefined());

const LIBRARIES = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6"];

for (const path of LIBRARIES) {
  const missing =
    process.arch !== "x64"
      ? "for x86-64"
      : !existsSync(path)
        ? `${path} is not there`
        : !existsSync("/usr/bin/objdump")
          ? "needs objdump"
          : undefined;
  if (missing !== undefined) process.stderr.write(`skipped: instructions of ${path}: ${missing}\n`);

  test.skipIf(missing !== undefined)(`every instruction of ${path} is as long as objdump says`, { timeout: 120_000 }, () => {
    const text = execFileSync("objdump", ["-d", "-w", "-j", ".text", "--insn-width=15", path], {
      encoding: "utf8",
      maxBuffer: 1 << 30,
    });
    let [count, wrong] = [0, [] as string[]];
    for (const line of text.split("\n")) {
      const [, hex, name] = /^\s*[\da-f]+:\t((?:[\da-f]{2} )+)\s*\t?(.*)$/.exec(line) ?? [];
      // Tables among the code are shown as what they are not: bad instructions, prefixes alone.
      if (hex === undefined || name === undefined || /\(bad\)|^$|^(?:rex|[c-g]s|data16|addr32|lock|repn?z)\b[^ ]*\s*$/.test(name))
        continue;
      // FWAIT is an instruction of its own, that objdump shows with the next one.
      const code = bytes(hex.replace(/^9b (?=.)/, ""));
      count++;
      if (instructionLength(Buffer.concat([code, Buffer.alloc(8, 0xff)]), 0) !== code.length) wrong.push(line);
    }
    console.log(`${path}: ${count} instructions`);
    expect(count).toBeGreaterThan(50_000);
    expect(wrong.slice(0, 20)).toEqual([]);
  });
}

test.skipIf(process.arch !== "x64" || !existsSync(LIBRARIES[0] as string))(
  "places in a function, by symbols and by unwind tables",
  () => {
    const elf = openElf(realpathSync(LIBRARIES[0] as string));
    const machine = machineOf("x64") as Machine;
    const start = elf.symbol("getaddrinfo")?.address as number;
    const code = elf.bytes(elf.fileOffset(start) as number, 200);
    const starts = new Set<number>();
    for (let at = 0; at < 150; at += instructionLength(code, at) as number) starts.add(at);
    for (let at = 0; at < 150; at++) {
      expect(isInstructionStart([elf], start + at, machine), String(at)).toBe(starts.has(at));
      // As if all symbols were stripped.
      const bare = new Proxy(elf, {
        get: (target, name) => {
          if (name === "symbols") return () => undefined;
          const value = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      expect(isInstructionStart([bare], start + at, machine), `${at} without symbols`).toBe(starts.has(at));
    }
    elf.close();
  },
);
