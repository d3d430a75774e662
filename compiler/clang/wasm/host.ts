// The program of the process that runs clang in WebAssembly: `node host.js '<HostSetup as JSON>'`. It loads the module at once,
// then answers requests on standard input one after the other until that ends.
import { runCommand } from "./command.js";
import { tuneEngine } from "./engine.js";
import { type CommandRequest, encodeFrame, FrameReader, type HostMessage, type HostReply, type HostSetup } from "./protocol.js";
import { loadModule, type ModuleLoad } from "./unpack.js";

function say(message: HostMessage): void {
  process.stdout.write(encodeFrame(message));
}

function begin(): ModuleLoad {
  const setup = JSON.parse(process.argv[2] ?? "") as HostSetup;
  try {
    return loadModule(setup, (text) => say({ kind: "note", text }));
  } catch (error) {
    const module = Promise.reject(error);
    module.catch(() => {}); // told in the answer to the first request
    return { module, kept: Promise.resolve() };
  }
}

async function answer(request: CommandRequest): Promise<HostReply> {
  try {
    return { kind: "ended", ...runCommand(await loading.module, request) };
  } catch (error) {
    // The module does not load, or there is no memory for it; what clang itself does is no exception.
    return { kind: "failed", reason: (error as Error).message };
  }
}

tuneEngine();
const loading = begin();
// Frees our copy of the module's bytes (31 MB) before V8's code for it fills the memory.
(globalThis as { gc?: () => void }).gc?.();

const reader = new FrameReader<CommandRequest>();
let last: Promise<void> = Promise.resolve();
process.stdin.on("data", (piece: Buffer) => {
  for (const request of reader.add(piece)) {
    last = last.then(async () => say(await answer(request)));
  }
});
process.stdin.on("end", async () => {
  await last;
  await loading.kept;
  leave();
});
// The other end is gone: nobody waits for an answer.
process.stdout.on("error", leave);

/** An ordinary exit would take V8 apart, and wait for what it still compiles: time and processor that somebody else can use. */
function leave(): void {
  process.kill(process.pid, "SIGKILL");
}
