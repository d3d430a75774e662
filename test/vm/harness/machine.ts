import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { starter } from "./kernels.js";

const agent = fileURLToPath(new URL("agent.sh", import.meta.url));
/** Its kernel may have to be fetched and unpacked, and it may need a second try. */
const BOOT_MS = 300_000;

/** A virtual machine that takes commands. */
export interface Machine {
  readonly socket: string;
  /** Ends it, without shutting it down: nothing in it lasts. */
  end(): Promise<void>;
}

/**
 * Boots a virtual machine and waits until it takes commands.
 * @param socket a path that does not exist
 * @throws Error with the reason when it does not come up
 */
export async function bootMachine(version: string, socket: string): Promise<Machine> {
  const child = spawn(starter, [version, "--", agent], {
    // A group of its own, so that qemu ends with it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin`,
      VM_AGENT: socket,
      // Under QEMU's emulation a kernel that patches its own code, as function probes make it do, now and then trips over a second CPU.
      VM_CPUS: "1",
      VM_TIMEOUT: "7200",
    },
  });
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words += text;
  });
  const exited = once(child, "exit");
  const kill = (): void => {
    try {
      process.kill(-(child.pid as number), "SIGTERM");
    } catch {
      // It has ended.
    }
  };
  process.once("exit", kill);
  const end = async (): Promise<void> => {
    process.off("exit", kill);
    kill();
    await exited;
  };
  const failed = exited.then(() => {
    throw new Error(words.trim().split("\n").at(-1) || `${starter} ended`);
  });
  failed.catch(() => {});
  try {
    await Promise.race([failed, ready(socket)]);
  } catch (error) {
    await end();
    throw error;
  }
  return { socket, end };
}

/** Settles when the agent in the machine says so; the machine makes the socket, and may boot twice. */
async function ready(socket: string): Promise<void> {
  const end = Date.now() + BOOT_MS;
  while (Date.now() < end) {
    const heard = await listen(socket, end - Date.now());
    if (heard.includes("@ready")) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`it took no commands within ${BOOT_MS / 1000} s`);
}

/** What comes before "@ready", the end of the connection, or the end of the time. */
function listen(socket: string, timeout: number): Promise<string> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    let heard = "";
    const end = (): void => {
      connection.destroy();
      resolve(heard);
    };
    connection.setTimeout(timeout, end);
    connection.on("error", end).on("close", end);
    connection.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
      if (heard.includes("@ready")) end();
    });
  });
}

/** The last command of each machine, which takes one at a time. */
const last = new Map<string, Promise<unknown>>();

/**
 * Has a machine run a command, of a shell, after those before.
 * @throws Error when the machine has ended, or does not answer in time
 */
export function inMachine(socket: string, command: string, timeout: number): Promise<{ output: string; status: number }> {
  const before = last.get(socket) ?? Promise.resolve();
  const run = before.catch(() => {}).then(() => ask(socket, command, timeout));
  last.set(socket, run);
  return run;
}

let commands = 0;

function ask(socket: string, command: string, timeout: number): Promise<{ output: string; status: number }> {
  const number = `${process.pid}.${++commands}`;
  const end = new RegExp(`\\r?\\n@${number} ended with (\\d+)\\r?\\n`);
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let output = "";
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      connection.removeAllListeners("close").destroy();
      settle();
    };
    const fail = (reason: string) => finish(() => reject(new Error(`${reason}; it had said:\n${output}`)));
    const timer = setTimeout(() => fail(`the virtual machine did not answer within ${timeout / 1000} s`), timeout);
    connection.on("error", (error) => fail(error.message));
    connection.on("close", () => fail("the virtual machine has ended"));
    connection.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const found = end.exec(output);
      if (found !== null) finish(() => resolve({ output: output.slice(0, found.index), status: Number(found[1]) }));
    });
    connection.write(`${number} ${Buffer.from(command).toString("base64")}\n`);
  });
}
