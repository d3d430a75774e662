import { spawn } from "node:child_process";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { TypeScriptCompiler } from "./find-tsc.js";
import type { Project } from "./project.js";

/**
 * tsc is a Go program, and brief: a garbage collection each time that its memory has doubled, from 4 MB on, is a third of its work.
 * This lets it begin at 32 MB; what a user set themselves stays.
 */
const COLLECT_LATER = "800";

/**
 * Runs tsc over a project and returns what it prints: errors, then the files it read.
 * @throws DiagnosticError if it does not run to its end; the signal's reason if aborted
 */
export function runTsc(compiler: TypeScriptCompiler, project: Project, signal: AbortSignal | undefined): Promise<string> {
  const args = [...compiler.leadingArguments, "-p", project.configFile, "--pretty", "false", "--listFiles"];
  return new Promise((resolve, reject) => {
    const env = { GOGC: COLLECT_LATER, ...process.env };
    const child = spawn(compiler.command, args, { cwd: project.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const kill = (): boolean => child.kill("SIGKILL");
    let out = "";
    let err = "";
    signal?.addEventListener("abort", kill, { once: true });
    process.on("exit", kill);
    const end = (): void => {
      signal?.removeEventListener("abort", kill);
      process.off("exit", kill);
    };
    child.on("error", (error) => {
      end();
      reject(failure(`tsc could not be started: ${error.message}`, compiler.command));
    });
    // Without file descriptors for them (EMFILE) it has no pipes, whatever the types say.
    if (child.stdout === undefined) return;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.on("close", (code, killedBy) => {
      end();
      if (signal?.aborted) reject(signal.reason);
      // 1 and 2 say that there are errors.
      else if (code === 0 || ((code === 1 || code === 2) && out !== "")) resolve(out);
      else reject(failure(`tsc ended with ${killedBy ?? `exit code ${code}`}`, `${out}${err}`));
    });
  });
}

function failure(message: string, details: string): DiagnosticError {
  const hints = ["--no-check runs the script without the type check"];
  return new DiagnosticError({ code: "TSP4003", failure: "internal", severity: "error", message, hints, details });
}
