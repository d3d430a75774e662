/** What one processor architecture's programs and traps look like: its calling convention, and struct pt_regs as BPF sees it. */
export interface Machine {
  readonly name: "x86-64" | "arm64";
  /** e_machine of its ELF files (include/uapi/linux/elf-em.h). */
  readonly elfMachine: number;
  /** Registers of the first integer arguments of a call, in order. */
  readonly argumentRegisters: readonly string[];
  /** Register of a call's integer result. */
  readonly resultRegister: string;
  readonly stackPointer: string;
  readonly instructionPointer: string;
  /** Where the first argument that has no register lies at a function's first instruction, in bytes from the stack pointer. */
  readonly firstStackArgument: number;
  /** What the loader looks for: "x86_64-linux-gnu". */
  readonly triplet: string;
  /** Type of its libraries in ld.so.cache: FLAG_… of glibc's sysdeps/generic/ldconfig.h. */
  readonly cacheFlags: number;
  /** sizeof(bpf_user_pt_regs_t): behind it are sample_period and addr of struct bpf_perf_event_data. */
  readonly registersSize: number;
  /** Instructions begin at multiples of this. */
  readonly instructionAlignment: number;
  /** Bytes from the start of struct pt_regs, by any name the register has, in lower case; undefined for what is not in there. */
  registerOffset(name: string): number | undefined;
}

/** struct pt_regs of arch/x86/include/asm/ptrace.h, in order, 8 bytes each. */
const X86_ORDER = "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss".split(" ");

function x86Names(): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [i, name] of X86_ORDER.entries()) {
    const offset = i * 8;
    const add = (...names: string[]) => {
      for (const one of names) places.set(one, offset);
    };
    add(name);
    if (/^r\d+$/.test(name)) add(`${name}d`, `${name}w`, `${name}b`);
    else if (/^r[abcd]x$/.test(name)) {
      add(`e${name.slice(1)}`, name.slice(1), `${name[1]}l`);
      places.set(`${name[1]}h`, offset + 1);
    } else if (/^r(?:si|di|bp|sp)$/.test(name)) add(`e${name.slice(1)}`, name.slice(1), `${name.slice(1)}l`);
  }
  return places;
}

const x86Places = x86Names();

const X86_64: Machine = Object.freeze({
  name: "x86-64",
  elfMachine: 62,
  argumentRegisters: ["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
  resultRegister: "rax",
  stackPointer: "rsp",
  instructionPointer: "rip",
  firstStackArgument: 8, // the return address lies before it
  triplet: "x86_64-linux-gnu",
  cacheFlags: 0x0303,
  registersSize: X86_ORDER.length * 8,
  instructionAlignment: 1,
  registerOffset: (name: string) => x86Places.get(name),
});

const ARM_NAMES = new Map([
  ["fp", 29 * 8],
  ["lr", 30 * 8],
  ["sp", 31 * 8],
  ["wsp", 31 * 8],
  ["pc", 32 * 8],
]);

/** struct user_pt_regs of arch/arm64/include/uapi/asm/ptrace.h: x0 to x30, sp, pc, pstate. */
function armOffset(name: string): number | undefined {
  const number = /^[xw](\d+)$/.exec(name)?.[1];
  if (number !== undefined) return Number(number) <= 30 ? Number(number) * 8 : undefined;
  return ARM_NAMES.get(name);
}

const ARM64: Machine = Object.freeze({
  name: "arm64",
  elfMachine: 183,
  argumentRegisters: ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"],
  resultRegister: "x0",
  stackPointer: "sp",
  instructionPointer: "pc",
  firstStackArgument: 0,
  triplet: "aarch64-linux-gnu",
  cacheFlags: 0x0a03,
  registersSize: 34 * 8,
  instructionAlignment: 4,
  registerOffset: armOffset,
});

const MACHINES: Readonly<Record<string, Machine>> = { x64: X86_64, arm64: ARM64 };

/** The architecture of this machine; undefined for those whose registers are not known here. */
export function machineOf(arch: string = process.arch): Machine | undefined {
  return MACHINES[arch];
}

/** What an ELF file's e_machine is called. */
export function elfMachineName(machine: number): string {
  const names: Readonly<Record<number, string>> = {
    3: "32-bit x86",
    8: "MIPS",
    20: "PowerPC",
    21: "64-bit PowerPC",
    22: "s390",
    40: "32-bit ARM",
    62: "x86-64",
    183: "arm64",
    243: "RISC-V",
    247: "BPF",
    258: "LoongArch",
  };
  return names[machine] ?? `machine ${machine}`;
}
