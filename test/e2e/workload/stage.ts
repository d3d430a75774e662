import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Moment } from "./transition.js";

const actorFile = fileURLToPath(new URL("./actor.mjs", import.meta.url));

/** What an actor answered, and when: the operation happened within `moment`. */
export interface Done<T> {
  readonly value: T;
  readonly moment: Moment;
}

export interface ConnectedSocket {
  readonly socket: number;
  readonly localPort: number;
  readonly localAddress: string;
}

export interface ActorOptions {
  /** One CPU for the process, so that tracers with one buffer per CPU see its sockets' events in order. */
  readonly cpu?: number | undefined;
  /** Shell commands to run first, in a network namespace of the actor's own. */
  readonly namespace?: readonly string[] | undefined;
}

/** A process that does TCP on command (actor.mjs). */
export class Actor {
  readonly pid: number;
  readonly comm: string;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.comm = readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
    child.on("message", (message: { id?: number; value?: unknown; failed?: string }) => {
      const waiting = this.#pending.get(message.id ?? 0);
      if (!waiting) return;
      this.#pending.delete(message.id ?? 0);
      if (message.failed === undefined) waiting.resolve(message.value);
      else waiting.reject(new Error(`actor: ${message.failed}`));
    });
    child.on("exit", (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`actor ended: code ${code}, signal ${signal}`));
    });
  }

  static async start(options: ActorOptions): Promise<Actor> {
    // Every wrapper ends in exec, so the child's pid is the actor's.
    let argv = [process.execPath, actorFile];
    if (options.cpu !== undefined) argv = ["taskset", "-c", String(options.cpu), ...argv];
    if (options.namespace) {
      const script = [...options.namespace, 'exec "$@"'].join(" && ");
      argv = ["unshare", "--net", "sh", "-c", script, "sh", ...argv];
    }
    const child = spawn(argv[0] as string, argv.slice(1), { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("message", (message: { ready: number }) => resolve(message.ready));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`actor did not start (${code}): ${stderr}`)));
    });
    return new Actor(child, pid);
  }

  async #do<T>(op: string, args: object): Promise<Done<T>> {
    const id = this.#nextId++;
    const began = performance.now();
    const value = await new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, op, args });
    });
    return { value: value as T, moment: { began, ended: performance.now() } };
  }

  listen(host: string, port = 0): Promise<Done<{ listener: number; port: number }>> {
    return this.#do("listen", { host, port });
  }

  accept(listener: number): Promise<Done<ConnectedSocket & { remotePort: number }>> {
    return this.#do("accept", { listener });
  }

  /** Connects; a refusal is a result, not an exception. */
  connect(to: {
    host: string;
    port: number;
    localAddress?: string;
    localPort?: number;
  }): Promise<Done<ConnectedSocket & { failure: string | null }>> {
    return this.#do("connect", to);
  }

  /** shutdown(SHUT_WR) on these sockets within one turn of the actor's event loop. */
  end(...sockets: number[]): Promise<Done<null>> {
    return this.#do("end", { sockets });
  }

  readEnd(socket: number): Promise<Done<null>> {
    return this.#do("readEnd", { socket });
  }

  write(socket: number, bytes: number): Promise<Done<null>> {
    return this.#do("write", { socket, bytes });
  }

  read(socket: number, bytes: number): Promise<Done<null>> {
    return this.#do("read", { socket, bytes });
  }

  reset(socket: number): Promise<Done<null>> {
    return this.#do("reset", { socket });
  }

  destroy(socket: number): Promise<Done<null>> {
    return this.#do("destroy", { socket });
  }

  closed(socket: number): Promise<Done<{ failure: string | null }>> {
    return this.#do("closed", { socket });
  }

  closeListener(listener: number): Promise<Done<null>> {
    return this.#do("closeListener", { listener });
  }

  endBehindFlood(args: { sockets: number[]; host: string; datagrams: number; bytes: number }): Promise<Done<null>> {
    return this.#do("endBehindFlood", args);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.disconnect();
    await exited;
  }
}

/** The processes of one or more scenarios; a client and a server are shared by all that need nothing special. */
export class Stage {
  readonly client: Actor;
  readonly server: Actor;

  private constructor(client: Actor, server: Actor) {
    this.client = client;
    this.server = server;
  }

  static async open(options: ActorOptions = {}): Promise<Stage> {
    const [client, server] = await Promise.all([Actor.start(options), Actor.start(options)]);
    return new Stage(client, server);
  }

  async close(): Promise<void> {
    await Promise.all([this.client.stop(), this.server.stop()]);
  }
}

/** Passes time; the moment it took. */
export async function hold(ms: number): Promise<Moment> {
  const began = performance.now();
  await sleep(ms);
  return { began, ended: performance.now() };
}
