import { existsSync, statSync } from "node:fs";
import type { ResolvedSymbol } from "../../dsl/stack.js";
import { visibleText } from "../../dsl/visible-text.js";
import type { MappedFiles } from "./mapped-files.js";
import { type Mapping, MappingTable, parseMappings } from "./mappings.js";
import { PerfMap } from "./perf-map.js";
import { readProcFile } from "./proc-file.js";

/** Where code without symbols and places without a mapping come from, in words. */
const ENDED = "[ended]";
const NO_ACCESS = "[no access]";
const ANONYMOUS = "[anon]";

/** USER_HZ, the unit of times in /proc: 100 on every machine. */
const TICKS_PER_SECOND = 100;
/** A library that was loaded since is looked for at most so often. */
const LOOK_AGAIN_AFTER_MS = 100;

/** Of /proc/PID/stat (proc_pid_stat(5)), counted from the state: what changes with the process and with each execve. */
interface Identity {
  readonly startTicks: number;
  readonly text: string;
}

/** Which program a process runs now: another text after execve, and for another process with the same number. */
export function identityOf(pid: number): Identity | undefined {
  const stat = readProcFile(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name is in parentheses and may hold some itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // starttime, startcode, startstack
  return { startTicks: Number(fields[19]), text: `${fields[19]} ${fields[23]} ${fields[25]}` };
}

/**
 * The memory of a process as it was when first seen: where each file was mapped. It serves after the process has ended; as long as
 * it runs, what it has mapped since is added.
 */
export class ProcessImage {
  readonly pid: number;
  readonly #files: MappedFiles;
  readonly #identity: Identity | undefined;
  readonly #perfMap: PerfMap | undefined;
  #mappings: MappingTable;
  #readAt = performance.now();

  constructor(pid: number, files: MappedFiles, identity = identityOf(pid)) {
    this.pid = pid;
    this.#files = files;
    this.#identity = identity;
    this.#mappings = new MappingTable(parseMappings(readProcFile(`/proc/${pid}/maps`) ?? ""));
    this.#perfMap = identity === undefined ? undefined : openPerfMap(pid, identity);
  }

  /** Whether the process runs the program of which this is the memory. */
  isOf(identity: Identity | undefined): boolean {
    return identity !== undefined && identity.text === this.#identity?.text;
  }

  /** @param isReturn an address to return to: the call before it counts, which may be the last instruction of its function */
  find(address: bigint, isReturn: boolean): ResolvedSymbol {
    const place = Number(address);
    const mapping = this.#mappingOf(place);
    if (mapping === undefined) return unknown(address, this.#mappings.all.length > 0 ? undefined : this.#whyUnknown());
    const within = isReturn && place > mapping.start ? place - 1 : place;
    return this.#inFile(mapping, place, within) ?? this.#inMemory(mapping, place, within) ?? unknown(address, moduleOf(mapping));
  }

  #inFile(mapping: Mapping, place: number, within: number): ResolvedSymbol | undefined {
    const isVdso = mapping.path === "[vdso]" && mapping.start > 0xffff_ffff;
    if (mapping.inode === 0 && !isVdso) return undefined;
    const file = isVdso ? this.#files.vdso : this.#files.of(this.pid, mapping);
    if (file === undefined) return undefined;
    const start = isVdso ? 0 : mapping.fileOffset - mapping.start;
    const virtual = isVdso ? within - mapping.start : file.virtualAddress(within + start, mapping.isExecutable);
    if (virtual === undefined) return undefined;
    const module = moduleOf(mapping);
    const found = file.table.find(virtual);
    const behind = place - within;
    if (found !== undefined) return { symbol: visibleText(found.name), offset: virtual + behind - found.start, module };
    // As addr2line takes it.
    return isVdso ? undefined : { symbol: `[${module}]`, offset: virtual + behind, module };
  }

  /** Code that the process made itself. */
  #inMemory({ inode, path }: Mapping, place: number, within: number): ResolvedSymbol | undefined {
    // Some run-time systems make their code in memory that has a file (memfd, /dev/zero).
    if (inode !== 0 && !/^\/(?:memfd:|dev\/)/.test(path)) return undefined;
    const found = this.#perfMap?.find(within);
    return found === undefined ? undefined : { symbol: visibleText(found.name), offset: place - found.start, module: "[jit]" };
  }

  #mappingOf(place: number): Mapping | undefined {
    const found = this.#mappings.find(place);
    const now = performance.now();
    if (found !== undefined || now - this.#readAt < LOOK_AGAIN_AFTER_MS) return found;
    this.#readAt = now;
    if (!this.isOf(identityOf(this.pid))) return undefined;
    const fresh = parseMappings(readProcFile(`/proc/${this.pid}/maps`) ?? "");
    if (fresh.length > 0) this.#mappings = new MappingTable(fresh);
    return this.#mappings.find(place);
  }

  #whyUnknown(): string {
    return this.#identity !== undefined && existsSync(`/proc/${this.pid}`) ? NO_ACCESS : ENDED;
  }
}

function moduleOf({ path }: Mapping): string {
  return path === "" ? ANONYMOUS : visibleText(path.slice(path.lastIndexOf("/") + 1));
}

function unknown(address: bigint, module: string | undefined): ResolvedSymbol {
  return { symbol: `0x${address.toString(16)}`, offset: 0, module };
}

/** /tmp/perf-PID.map as the process sees /tmp, with its own number for itself. */
function openPerfMap(pid: number, { startTicks }: Identity): PerfMap | undefined {
  const status = readProcFile(`/proc/${pid}/status`);
  const boot = /^btime (\d+)$/m.exec(readProcFile("/proc/stat") ?? "")?.[1];
  if (status === undefined || boot === undefined) return undefined;
  const own = /^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? String(pid);
  const uid = Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]);
  const owner = { uid, startedAtMs: Number(boot) * 1000 + (startTicks / TICKS_PER_SECOND) * 1000 };
  return new PerfMap(perfMapPath(pid, own), owner);
}

/** By our own name for it when that is the same folder: it then serves after the process has ended, too. */
function perfMapPath(pid: number, own: string): string {
  const name = `tmp/perf-${own}.map`;
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root/tmp`), statSync("/tmp")];
    if (theirs.ino === ours.ino && theirs.dev === ours.dev) return `/${name}`;
  } catch {
    // It has ended already, or has no /tmp.
  }
  return `/proc/${pid}/root/${name}`;
}
