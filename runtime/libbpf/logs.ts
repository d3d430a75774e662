import { errnoName } from "../ffi/errno.js";
import { libc } from "../ffi/libc.js";
import { copyFromMemory, copyToMemory, readText } from "../ffi/memory.js";

const PROT_READ_WRITE = 0x3;
const MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
/** Just below the largest log buffer that every kernel since 5.8 takes (kernel/bpf/verifier.c). */
const LOG_BYTES = 0xff_f000;

/**
 * One verifier log buffer per program, in untouched memory: a page is only used when the kernel writes to it. libbpf
 * loads each program without a log first and asks for one only after a refusal, so that a load that works costs nothing.
 */
export class ProgramLogs {
  readonly bytes = LOG_BYTES;
  readonly #total: bigint;
  #base: bigint;

  constructor(programs: number) {
    this.#total = BigInt(Math.max(programs, 1) * LOG_BYTES);
    const { value, errno } = libc.mmap.withErrno(0n, this.#total, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0n);
    if (value === MAP_FAILED) throw new Error(`no address space for the verifier's logs (${errnoName(errno)})`);
    this.#base = value;
  }

  /** Empties a program's buffer and gives its native address. */
  clear(program: number): bigint {
    const at = this.#address(program);
    if (copyFromMemory(at, 1)[0] !== 0) copyToMemory(at, new Uint8Array(1));
    return at;
  }

  #address(program: number): bigint {
    return this.#base + BigInt(program * LOG_BYTES);
  }

  /** What the kernel wrote for a program: "" if nothing. */
  read(program: number): string {
    const at = this.#address(program);
    return copyFromMemory(at, 1)[0] === 0 ? "" : readText(at);
  }

  free(): void {
    if (this.#base === 0n) return;
    libc.munmap(this.#base, this.#total);
    this.#base = 0n;
  }
}
