import { expect, test } from "vitest";
import { elfMachineName, type Machine, machineOf } from "../../../../kernel/user/machine.js";

const x86 = machineOf("x64") as Machine;
const arm = machineOf("arm64") as Machine;

// Offsets as `pahole -C pt_regs` shows them on x86-64.
test.each([
  ["r15", 0],
  ["r15d", 0],
  ["rbp", 32],
  ["ebp", 32],
  ["bpl", 32],
  ["rbx", 40],
  ["bl", 40],
  ["bh", 41],
  ["r8", 72],
  ["r8w", 72],
  ["rax", 80],
  ["eax", 80],
  ["ax", 80],
  ["al", 80],
  ["ah", 81],
  ["rcx", 88],
  ["rdx", 96],
  ["rsi", 104],
  ["sil", 104],
  ["edi", 112],
  ["di", 112],
  ["rip", 128],
  ["rsp", 152],
  ["esp", 152],
])("x86-64: %s is at %i", (name, offset) => expect(x86.registerOffset(name)).toBe(offset));

test.each([
  ["x0", 0],
  ["w0", 0],
  ["x8", 64],
  ["x29", 232],
  ["fp", 232],
  ["x30", 240],
  ["lr", 240],
  ["sp", 248],
  ["pc", 256],
])("arm64: %s is at %i", (name, offset) => expect(arm.registerOffset(name)).toBe(offset));

test("what is not in struct pt_regs has no place", () => {
  for (const name of ["xmm0", "st", "", "r16", "toString"]) expect(x86.registerOffset(name)).toBeUndefined();
  for (const name of ["x31", "v0", "d0", "rax", "toString"]) expect(arm.registerOffset(name)).toBeUndefined();
  expect(machineOf("mips")).toBeUndefined();
});

test("every register of a call has a place, each its own", () => {
  for (const machine of [x86, arm]) {
    const names = [...machine.argumentRegisters, machine.stackPointer, machine.instructionPointer];
    const places = names.map((name) => machine.registerOffset(name));
    expect(new Set(places).size).toBe(names.length);
    expect(machine.registerOffset(machine.resultRegister)).toBeDefined();
  }
});

test("names of machines", () => {
  expect([3, 62, 183, 9999].map(elfMachineName)).toEqual(["32-bit x86", "x86-64", "arm64", "machine 9999"]);
});
