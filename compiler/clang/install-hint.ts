import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { OLDEST_CLANG } from "./probe.js";

/** What the hint depends on; tests give their own. */
export interface InstallSystem {
  /** Text of /etc/os-release, "" if there is none. */
  readonly osRelease: string;
  readonly root: boolean;
  /** Standard output of a query of the package lists, "" when it fails. */
  readonly query: (command: string, args: readonly string[]) => string;
}

/** This machine. */
export function thisSystem(): InstallSystem {
  let osRelease = "";
  try {
    osRelease = readFileSync("/etc/os-release", "utf8");
  } catch {
    // Not every system has it.
  }
  return {
    osRelease,
    root: process.geteuid?.() === 0,
    query: (command, args) => spawnSync(command, args, { encoding: "utf8", timeout: 5000 }).stdout ?? "",
  };
}

/** ID and ID_LIKE of os-release(5): the distribution, then its relatives. */
function familiesOf(osRelease: string): string[] {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(osRelease)?.[1]?.replace(/["']/g, "") ?? "";
  return `${value("ID")} ${value("ID_LIKE")}`.split(/\s+/).filter((id) => id !== "");
}

/**
 * Debian and its children: "clang" is the release's default version, which can be too old (11 in Debian 11, 10 in Ubuntu 20.04)
 * while a newer clang-NN is there. The package lists know; they are empty in container images until "apt-get update".
 */
function aptCommand(system: InstallSystem): string {
  const numbered = system.query("apt-cache", ["pkgnames", "clang-"]).match(/^clang-\d+$/gm) ?? [];
  if (numbered.length === 0) return "apt-get update && apt-get install -y clang";
  const shown = /^Version: (?:\d+:)?(\d+)/m.exec(system.query("apt-cache", ["show", "--no-all-versions", "clang"]));
  if (shown !== null && Number(shown[1]) >= OLDEST_CLANG) return "apt-get install -y clang";
  const newest = Math.max(...numbered.map((name) => Number(name.slice("clang-".length))));
  return `apt-get install -y clang-${newest}`;
}

const COMMANDS: Readonly<Record<string, (system: InstallSystem) => string>> = {
  debian: aptCommand,
  ubuntu: aptCommand,
  fedora: () => "dnf install -y clang",
  rhel: () => "dnf install -y clang",
  centos: () => "dnf install -y clang",
  amzn: () => "dnf install -y clang",
  arch: () => "pacman -S --noconfirm clang",
  alpine: () => "apk add clang",
  suse: () => "zypper --non-interactive install clang",
  opensuse: () => "zypper --non-interactive install clang",
  gentoo: () => "emerge llvm-core/clang",
  void: () => "xbps-install -y clang",
};

/** How to get a clang here: the command to type, or a sentence where the distribution is not known. */
export function installHint(system: InstallSystem): string {
  for (const family of familiesOf(system.osRelease)) {
    const command = COMMANDS[family]?.(system);
    if (command === undefined) continue;
    const typed = system.root ? command : command.replace(/(^|&& )/g, "$1sudo ");
    return `Install it: ${typed}`;
  }
  return `Install clang ${OLDEST_CLANG} or newer with your system's package manager`;
}
