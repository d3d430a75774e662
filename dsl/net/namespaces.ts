import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";

/**
 * The network namespaces that can be reached: those that a process is in, and those that `ip netns` keeps. One that only an open file or
 * a mount elsewhere holds is not among them.
 * @returns by inode number, as `sockAddrs(sk).netns` has it, a path that nsenter(1) takes: "/proc/1/ns/net", "/run/netns/blue"
 * @example for (const [netns, path] of networkNamespaces()) console.log(netns, path);
 */
export function networkNamespaces(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const add = (path: string): void => {
    const inode = inodeOf(path);
    if (inode !== undefined && !found.has(inode)) found.set(inode, path);
  };
  add("/proc/self/ns/net");
  for (const name of entriesOf("/proc")) if (/^\d+$/.test(name)) add(`/proc/${name}/ns/net`);
  for (const name of entriesOf("/run/netns")) add(`/run/netns/${name}`);
  return found;
}

/** Inode number of the namespace behind a path; undefined when there is none, any more, or it must not be looked at. */
export function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

/**
 * Files as a process in a network namespace would read them: /proc/sys/net and /proc/net show the reader's own (setns(2), which
 * nsenter of util-linux calls).
 * @param netns a path of the namespace; this process's own if not given
 * @throws Error when the namespace or a file is not there, or may not be entered
 */
export function readInNamespace(netns: string | undefined, files: readonly string[]): string {
  const own = netns === undefined || inodeOf(netns) === inodeOf("/proc/self/ns/net");
  if (own) return files.map((file) => readFileSync(file, "utf8")).join("");
  return execFileSync("nsenter", [`--net=${netns}`, "cat", ...files], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
