import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync, rmSync, type Stats, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { makeDirectories } from "./make-directories.js";

/**
 * Where things are kept between runs. It may still turn out unusable (full disk, everything read-only): whoever reads or
 * writes there treats a failure as "not cached" and goes on.
 */
export interface CacheDirectory {
  readonly path: string;
  /** Not the place that was asked for first. */
  readonly fallback: boolean;
  /** Why not, for -v. */
  readonly reason?: string;
}

/** Undefined on systems without user ids. */
export function effectiveUser(): number | undefined {
  return process.geteuid?.();
}

/** Why a kept file cannot be trusted, or undefined. Who may change it matters, since root loads what is in it. */
export function fileProblem(found: Stats): string | undefined {
  const user = effectiveUser();
  if (!found.isFile()) return "is not a file";
  if (user === undefined) return undefined;
  if (found.uid !== user) return `belongs to user ${found.uid}`;
  if ((found.mode & 0o022) !== 0) return "can be written by other users";
  return undefined;
}

/** The home that the password file gives; some containers run user ids that it does not know. */
function passwordHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

/**
 * The places to try. Under sudo, HOME or XDG_CACHE_HOME may still be those of the user who typed it. Root takes neither: files
 * that root leaves there would lock the user out of their own cache, and objects that a user can change must not be loaded
 * by root. Changing the owner of each file (SUDO_UID) would cure only the first. So root keeps its own cache, in the home
 * that the password file gives it; the price is one more compile, some 40 ms, when a script goes from the user to root.
 */
function wantedPlaces(env: NodeJS.ProcessEnv, home: string | undefined): string[] {
  const places: (string | undefined)[] = [env.TSPROBE_CACHE_DIR];
  // The XDG base directory specification: relative paths are to be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) places.push(join(env.XDG_CACHE_HOME, "tsprobe"));
  else if (env.HOME) places.push(join(env.HOME, ".cache", "tsprobe"));
  if (home) places.push(join(home, ".cache", "tsprobe"));
  return [...new Set(places.filter((place) => place !== undefined && place !== ""))] as string[];
}

function nearestExisting(path: string): Stats {
  for (let at = path; ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found !== undefined || at === dirname(at)) return found ?? statSync(at);
  }
}

/** Makes the place if need be. @returns why it cannot be used, or undefined. */
function refusal(path: string, user: number | undefined): string | undefined {
  if (!isAbsolute(path)) return "is not an absolute path";
  try {
    const owner = nearestExisting(path).uid;
    if (user === 0 && owner !== 0) return `lies in a directory of user ${owner}, and root keeps its cache to itself`;
    makeDirectories(path);
    const made = statSync(path);
    if (!made.isDirectory()) return "is not a directory";
    if (user !== undefined && made.uid !== user) return `belongs to user ${made.uid}`;
    if (user !== undefined && (made.mode & 0o022) !== 0) return "can be written by other users";
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `cannot be used (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** A folder with a fixed name in the temporary directory, if it is ours alone: others may have made it before us. */
function sharedTemporary(user: number | undefined): { path: string; problem?: string } {
  const path = join(tmpdir(), `tsprobe-cache-${user ?? "user"}`);
  try {
    mkdirSync(path, { mode: 0o700 });
    return { path };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") return { path, problem: `cannot be made (${code})` };
  }
  // lstat: a symbolic link planted under this name must not lead us elsewhere.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return { path, problem: "is not a directory" };
  if (user !== undefined && found.uid !== user) return { path, problem: `belongs to user ${found.uid}` };
  if (user !== undefined && (found.mode & 0o077) !== 0) return { path, problem: "is open to other users" };
  return { path };
}

function ownTemporary(): string | undefined {
  try {
    const path = mkdtempSync(join(tmpdir(), "tsprobe-cache-"));
    process.once("exit", () => rmSync(path, { recursive: true, force: true }));
    return path;
  } catch {
    return undefined;
  }
}

/** Finds, and makes, the cache directory: $TSPROBE_CACHE_DIR, $XDG_CACHE_HOME/tsprobe or ~/.cache/tsprobe, else a private temporary one. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env, home: string | undefined = passwordHome()): CacheDirectory {
  const user = effectiveUser();
  const reasons: string[] = [];
  const result = (path: string): CacheDirectory =>
    reasons.length === 0 ? { path, fallback: false } : { path, fallback: true, reason: reasons.join("; ") };
  for (const place of wantedPlaces(env, home)) {
    const problem = refusal(place, user);
    if (problem === undefined) return result(place);
    reasons.push(`${place} ${problem}`);
  }
  const shared = sharedTemporary(user);
  if (reasons.length === 0) reasons.push("neither TSPROBE_CACHE_DIR nor XDG_CACHE_HOME nor HOME is set");
  if (shared.problem === undefined) return result(shared.path);
  reasons.push(`${shared.path} ${shared.problem}`);
  return result(ownTemporary() ?? shared.path);
}
