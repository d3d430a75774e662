import { closeSync, existsSync, openSync, readFileSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { ElfError, type ElfFile, ElfType, openElf } from "../kernel/elf/index.js";
import { errorCodeOf } from "../kernel/errno.js";
import { nearestNames } from "../kernel/nearest.js";
import { findFile, isLibraryName, type Places, systemPlaces } from "../kernel/user/find-file.js";
import { elfMachineName, type Machine, machineOf } from "../kernel/user/machine.js";
import type { HookRefusal, ResolvedHook } from "./hook.js";

/** A program or library that a hook names, open for reading. */
export interface UserFile {
  /** As the kernel is told: absolute, and in our own mount namespace. */
  readonly path: string;
  readonly elf: ElfFile;
  readonly machine: Machine;
  /** For messages: as the hook call has it when that is a path, else where it was found. */
  readonly title: string;
}

/** What the hook call says of the file. */
export interface UserFileTarget {
  readonly file: string;
  readonly pid: number | undefined;
}

type Refused = { readonly refusal: HookRefusal };

export function refuse(
  code: string,
  message: string,
  hints: readonly string[],
  { failure = "name", culprit }: { readonly failure?: HookRefusal["failure"]; readonly culprit?: string } = {},
): Refused {
  return { refusal: { code, message, hints, failure, ...(culprit === undefined ? {} : { culprit }) } };
}

/** Finds and opens the file of a hook for as long as `use` runs. @param machine of the system; its own in tests */
export function withUserFile(
  target: UserFileTarget,
  use: (file: UserFile) => ResolvedHook,
  machine: Machine | undefined = machineOf(),
): ResolvedHook {
  if (machine === undefined)
    return refuse("TSP3051", `programs cannot be hooked on this architecture yet (${process.arch})`, ["x86-64 and arm64 can"], {
      failure: "kernel",
    });
  const found = locate(target, systemPlaces(machine));
  if ("refusal" in found) return found;
  const { path } = found;
  const title = target.file.includes("/") ? target.file : path;
  let elf: ElfFile;
  try {
    elf = openElf(path);
  } catch (error) {
    return unreadable(target.file, title, path, error);
  }
  try {
    const problem = unsuitable(target.file, title, elf, machine);
    return problem ?? use({ path, elf, machine, title });
  } catch (error) {
    if (error instanceof ElfError) return unreadable(target.file, title, path, error);
    throw error;
  } finally {
    elf.close();
  }
}

function locate({ file, pid }: UserFileTarget, places: Places): { readonly path: string } | Refused {
  if (pid !== undefined && !existsSync(`/proc/${pid}`))
    return refuse(
      "TSP3052",
      `there is no process ${pid}`,
      ["leave pid out to trace every process, also those that start later"],
      {
        culprit: String(pid),
      },
    );
  const root = pid === undefined ? "" : rootOf(pid);
  if (pid !== undefined && !file.includes("/") && isLibraryName(file)) {
    const mapped = mappedLibrary(pid, file);
    if (mapped !== undefined) return { path: absolute(root, mapped) };
  }
  if (root !== "" && file.startsWith("/") && existsSync(root + file)) return { path: root + file };
  const found = findFile(file, places);
  if ("path" in found) return { path: absolute("", found.path) };
  const near = nearestNames(file, found.candidates, 3);
  const meant = near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [];
  const options = { culprit: file };
  if (found.missing === "path")
    return refuse("TSP3040", `there is no file ${file}`, ["paths are relative to the directory tsprobe is started in"], options);
  if (found.missing === "library")
    return refuse(
      "TSP3040",
      `the library ${file} is not installed`,
      [...meant, "see what is: `ldconfig -p`; or give its path"],
      options,
    );
  return refuse("TSP3040", `there is no program ${file} in the PATH`, [...meant, "give its path, such as ./server"], options);
}

/** Where a process's files are, as we see them: "" when it has our own. */
function rootOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt") ? "" : `/proc/${pid}/root`;
  } catch {
    return "";
  }
}

/** The library that a process has loaded under a name. */
function mappedLibrary(pid: number, name: string): string | undefined {
  const wanted = /\.so\b/.test(name) ? name : `${name}.so`;
  try {
    return readFileSync(`/proc/${pid}/maps`, "utf8")
      .split("\n")
      .map((line) => line.slice(line.indexOf("/")))
      .find((path) => path.startsWith("/") && (basename(path) === wanted || basename(path).startsWith(`${wanted}.`)));
  } catch {
    return undefined;
  }
}

/** The file itself, without symbolic links; in another mount namespace the kernel follows them. */
function absolute(root: string, path: string): string {
  if (root !== "") return root + path;
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function unreadable(name: string, title: string, path: string, error: unknown): Refused {
  const options = { culprit: name };
  if (!(error instanceof ElfError)) {
    const code = errorCodeOf(error);
    const denied = code === "EACCES" || code === "EPERM";
    return refuse("TSP3043", `${title} cannot be read (${code ?? "unknown error"})`, denied ? ["run tsprobe with sudo"] : [], {
      ...options,
      failure: denied ? "permission" : "name",
    });
  }
  const head = firstLine(path);
  const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(head);
  if (interpreter !== null) {
    const [, command = "", argument] = interpreter;
    const program = command.endsWith("/env") && argument !== undefined ? argument : command;
    return refuse("TSP3041", `${title} is a script, not a program`, [`what runs it is ${program}: hook that`], options);
  }
  const linkerScript = /\bGROUP\b|\bINPUT\b|GNU ld script/.test(head);
  return refuse(
    "TSP3041",
    `${title} is not a program or library: ${error.message}`,
    linkerScript ? ["it is a text for the linker: name the library itself, such as libc.so.6"] : [],
    options,
  );
}

function unsuitable(name: string, title: string, elf: ElfFile, machine: Machine): Refused | undefined {
  const { header } = elf;
  const options = { culprit: name };
  if (header.machine !== machine.elfMachine || header.bits !== 64) {
    const kind = header.machine === machine.elfMachine ? `32-bit ${machine.name}` : elfMachineName(header.machine);
    return refuse("TSP3042", `${title} is for ${kind}, and this machine is ${machine.name}`, [], options);
  }
  if (header.type === ElfType.EXECUTABLE || header.type === ElfType.SHARED) return undefined;
  const kind = header.type === ElfType.RELOCATABLE ? "an object file, which only the linker reads" : "not something that runs";
  return refuse("TSP3041", `${title} is ${kind}`, ["name the program or library that was made of it"], options);
}

/** The beginning of a file that is text, as far as it can be read. */
function firstLine(path: string): string {
  try {
    const fd = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(256);
      return bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
