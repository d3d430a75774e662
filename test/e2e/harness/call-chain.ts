import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type CProgram, compileC } from "../../fixtures/c-program.js";

/** A number no system call has on any architecture, and no other process uses. */
export const CHAIN_CALL = 8_000_000 + (process.pid % 1_000_000);

const source = readFileSync(fileURLToPath(new URL("../../fixtures/call-chain.c", import.meta.url)), "utf8");

/** Optimised, gcc leaves out the frames of functions that call no other, whatever is asked: their callers would be missing. */
const FLAGS = ["-O0", "-fno-omit-frame-pointer"];

/** test/fixtures/call-chain.c with frame pointers and its calls left as calls. */
export function compileChain(): CProgram {
  return compileC(source, { name: "chain", flags: FLAGS });
}

/** A process of that program, which does what it is told. */
export class CallChain {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: string[] = [];
  #waiting: (() => void) | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface(child.stdout as NodeJS.ReadableStream);
    this.#lines.on("line", (line) => {
      this.#answers.push(line);
      this.#waiting?.();
    });
  }

  static async start(path: string): Promise<CallChain> {
    const chain = new CallChain(spawn(path, [String(CHAIN_CALL)], { stdio: ["pipe", "pipe", "inherit"] }));
    await chain.#answer();
    return chain;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Has it do one thing, and waits until it is done: "call", "sleep", "exec", "tree 5 0 32" (calls with the different stacks 0 to 31 of 2^5). */
  async tell(what: string): Promise<void> {
    this.#child.stdin?.write(`${what}\n`);
    await this.#answer();
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }

  async #answer(): Promise<string> {
    while (this.#answers.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#answers.shift() as string;
  }
}

/** A script whose handler runs for the calls of one process. */
export function onChainCall(pid: number, names: string, body: string, host = ""): string {
  return `import { pid, tracepoint, ${names} } from "tsprobe";
${host}
export const seen = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (ctx.id !== ${CHAIN_CALL}n || pid() !== ${pid}) return;
${body}
});`;
}
