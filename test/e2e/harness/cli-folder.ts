import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../../../compiler/cache/directory.js";
import { type Ended, RunningProcess, withTracefs } from "./process.js";
import { tsprobeEntry } from "./requirements.js";

/** A folder outside of the repository with scripts in it, and the command line run there, with a cache of its own. */
export class CliFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-cli-")));
  readonly cache = join(this.path, ".cache");

  /** @param entry the command line's file, where it is not this checkout's */
  constructor(private readonly entry = tsprobeEntry) {
    mkdirSync(this.cache);
    shareCode(this.cache);
  }

  /** Writes a file. @returns its path relative to the folder, as given */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return name;
  }

  /** Starts `tsprobe …` in the folder. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}, behind: readonly string[] = []): RunningProcess {
    const command = withTracefs([...behind, process.execPath, this.entry, ...args]);
    const quiet = { NO_COLOR: "1", FORCE_COLOR: undefined, TSPROBE_CACHE_DIR: this.cache };
    return new RunningProcess(["env", `--chdir=${this.path}`, ...command], { ...quiet, ...env });
  }

  /** Runs `tsprobe …` to its end. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}, behind: readonly string[] = []): Promise<Ended> {
    return this.start(args, env, behind).ended;
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * What V8 has compiled of tsprobe is the same for all tests: without it, each start with a cache of its own would be a first one, which takes
 * half as long again.
 */
export function shareCode(cache: string): void {
  const shared = join(cacheDirectory().path, "code");
  mkdirSync(shared, { recursive: true, mode: 0o700 });
  symlinkSync(shared, join(cache, "code"));
}

/** Puts a redirection around a command: `redirected("> /dev/full")`. */
export function redirected(redirection: string): string[] {
  return ["sh", "-c", `exec "$@" ${redirection}`, "sh"];
}

/**
 * The beginning of a script that sees two events for each socket that it opens itself: to LISTEN (10) and to CLOSE (7).
 * `traffic()` opens one now and then, until the run ends.
 */
export const OWN_EVENTS = `import { createServer } from "node:net";
import { pid, tracepoint } from "tsprobe";

const self = process.pid;
export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (pid() !== self) return;
  return { port: ctx.sport, to: ctx.newstate };
});

function traffic(): void {
  setInterval(() => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => server.close());
  }, 20);
}
`;
