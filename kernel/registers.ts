import { machineOf } from "./user/machine.js";

/** Where struct pt_regs keeps a register, which is what a kprobe's program is given. Bytes from its start. */
export interface Register {
  readonly name: string;
  readonly offset: number;
}

/** The calling convention of the kernel's functions on one machine. */
export interface Registers {
  /** Of the arguments that are passed in registers, in order. */
  readonly arguments: readonly Register[];
  readonly result: Register;
  readonly all: readonly Register[];
  /** Whether a struct that is too large for registers is passed by its address, in one; else on the stack. */
  readonly largeByAddress: boolean;
}

/** Names as in assembly. */
const ALL: Readonly<Record<"x86-64" | "arm64", readonly string[]>> = {
  "x86-64": "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split(" "),
  arm64: [...Array.from({ length: 31 }, (_, i) => `x${i}`), "sp", "pc"],
};

/** Of the machine this process runs on, or of one by Node's name for it; undefined where kprobes of it are not supported. */
export function registersOf(architecture: string = process.arch): Registers | undefined {
  const machine = machineOf(architecture);
  if (machine === undefined) return undefined;
  const register = (name: string): Register => ({ name, offset: machine.registerOffset(name) as number });
  return {
    arguments: machine.argumentRegisters.map(register),
    result: register(machine.resultRegister),
    all: ALL[machine.name].map(register),
    largeByAddress: machine.name === "arm64",
  };
}
