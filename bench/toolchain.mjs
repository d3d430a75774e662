// How long `tsprobe run bench/states.ts`, 62 lines, takes from Enter to attached, and how much memory, with a native clang and with the
// embedded one, in turns: `node bench/toolchain.mjs [rounds] [recipe]`, as root, after a build. Prints the tables of docs/toolchain.md.
// SCRIPT=probes/tcpstates.ts measures another script.
// `recipe` is a folder with a compile.mjs and a clang-bpf.wasm.br to be measured by themselves in the same rounds, if not toolchain/clang-wasm.
// What the machine does besides shows in the first line: bare Node takes 40 to 60 ms on an idle one.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { brotliDecompressSync } from "node:zlib";

// Node reads and parses the certificates that this names at each start, which takes as long again as the rest of its start.
delete process.env.NODE_EXTRA_CA_CERTS;

const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = Number(process.argv[2] ?? 7);
const tsprobe = join(root, "dist/cli/main.js");
const probe = readFileSync(resolve(process.env.SCRIPT ?? join(root, "bench/states.ts")), "utf8");
const compilers = ["native", "embedded"];
/** Rounds for the ratio of two medians that are close to each other: with 20, other guests of the host decide which is ahead. */
const pairs = 60;
const recipe = resolve(process.argv[3] ?? join(root, "toolchain/clang-wasm"));
const work = mkdtempSync(join(tmpdir(), "tsprobe-bench-"));

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Proportional set sizes of a process and all its descendants, in MiB: memory that processes share is counted once. */
function memoryOfTree(pid) {
  let sum = 0;
  try {
    sum += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0) / 1024;
    for (const thread of readdirSync(`/proc/${pid}/task`))
      for (const child of readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" "))
        if (child !== "") sum += memoryOfTree(child);
  } catch {
    // It has ended meanwhile.
  }
  return sum;
}

/** Milliseconds from the start of tsprobe until it says that it is attached; MiB at the highest sample, when asked for. */
function attach(script, clang, cache, sampling = false) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const env = { ...process.env, TSPROBE_CACHE_DIR: cache };
    const child = spawn(process.execPath, [tsprobe, "run", script, "--clang", clang], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let [text, ms, most] = ["", 0, 0];
    const timer = sampling ? setInterval(() => (most = Math.max(most, memoryOfTree(child.pid))), 5) : undefined;
    child.stderr.on("data", (piece) => {
      text += piece;
      if (ms !== 0 || !text.includes("attached to")) return;
      ms = performance.now() - start;
      clearInterval(timer);
      child.kill("SIGINT");
    });
    child.on("close", () => {
      clearInterval(timer);
      if (ms === 0) reject(new Error(text));
      else resolve({ ms, most });
    });
  });
}

/** A first request to the process that runs the module, and a second one: milliseconds each. */
async function compileTwice(cache) {
  const packed = join(root, "toolchain/clang-wasm/clang-bpf.wasm.br");
  const setup = { packed, sha256: readFileSync(`${packed}.sha256`, "latin1").slice(0, 64), folder: join(cache, "clang") };
  const input = readFileSync(join(root, "toolchain/clang-wasm/train/tcpstates.bpf.c"));
  const args = "clang -cc1 -triple bpf -emit-obj -O2 -target-cpu v3 -debug-info-kind=constructor -w -o - -x c -".split(" ");
  const body = serialize({ args, input, directories: [] });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  const start = performance.now();
  const host = spawn(process.execPath, [
    "--no-warnings",
    "--expose-gc",
    join(root, "dist/compiler/clang/wasm/host.js"),
    JSON.stringify(setup),
  ]);
  const ask = () =>
    new Promise((resolve) => {
      let received = Buffer.alloc(0);
      host.stdout.on("data", function take(piece) {
        received = Buffer.concat([received, piece]);
        if (received.length < 4 || received.length < 4 + received.readUInt32LE(0)) return;
        host.stdout.off("data", take);
        resolve(deserialize(received.subarray(4)));
      });
      host.stdin.write(Buffer.concat([length, body]));
    });
  const first = await ask();
  if (first.end?.code !== 0) throw new Error(JSON.stringify(first));
  const between = performance.now();
  await ask();
  const end = performance.now();
  host.stdin.end();
  return [between - start, end - between];
}

/** The recipe alone: a process that compiles a trivial source with the unpacked module. */
function runRecipe() {
  const module = join(work, "recipe.wasm");
  const source = join(work, "trivial.c");
  if (!existsSync(module)) {
    writeFileSync(module, brotliDecompressSync(readFileSync(join(recipe, "clang-bpf.wasm.br"))));
    writeFileSync(source, "int f(int a) { return a + 1; }\n");
  }
  const start = performance.now();
  const args = ["--no-warnings", join(recipe, "compile.mjs"), module, source, join(work, "trivial.o")];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

/** An unchanged script with one compiler and the other, in turning order: the ratio of each pair. */
async function compareUnchanged() {
  const runs = compilers.map((clang) => ({ clang, cache: join(work, `pair-${clang}`), script: join(work, `pair-${clang}.ts`) }));
  for (const { clang, cache, script } of runs) {
    writeFileSync(script, probe);
    for (let warm = 0; warm < 2; warm++) await attach(script, clang, cache);
  }
  for (let pair = 0; pair < pairs; pair++) {
    const ms = {};
    for (const { clang, cache, script } of pair % 2 === 0 ? runs : runs.toReversed())
      ({ ms: ms[clang] } = await attach(script, clang, cache));
    for (const clang of compilers) note(`${clang} pair`, ms[clang]);
    note("pair ratio", ms.embedded / ms.native);
  }
}

/** Processor time since boot, in ticks: what we and others here used, and what we wanted while another guest of the host had it. */
function processorTime() {
  const [user, nice, system, , , irq, softirq, steal] = /^cpu +(.*)/
    .exec(readFileSync("/proc/stat", "latin1"))[1]
    .split(" ")
    .map(Number);
  return { used: user + nice + system + irq + softirq, stolen: steal };
}

const results = {};
function note(name, value) {
  results[name] ??= [];
  results[name].push(value);
}
const load = loadavg()[0];
const before = processorTime();
try {
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    note("node", performance.now() - start);
    if (round === 0) runRecipe(); // into the page cache
    note("recipe", runRecipe());
    for (const clang of compilers) {
      const cache = join(work, `${clang}-${round}`);
      const script = join(work, `${clang}-${round}.ts`);
      const edit = (number) => writeFileSync(script, probe.replace("1000n", `${1000 + number}n`));
      edit(1);
      note(`${clang} first`, (await attach(script, clang, cache)).ms);
      edit(2);
      note(`${clang} edited`, (await attach(script, clang, cache)).ms);
      if (clang === "embedded") note("edited/recipe", results["embedded edited"].at(-1) / results.recipe.at(-1));
      note(`${clang} unchanged`, (await attach(script, clang, cache)).ms);
      edit(3);
      note(`${clang} memory`, (await attach(script, clang, cache, true)).most);
      if (clang !== "embedded") continue;
      const [whole, further] = await compileTwice(cache);
      note("whole", whole);
      note("further", further);
      note("first memory", (await attach(script, clang, `${cache}-other`, true)).most);
    }
  }
  await compareUnchanged();
} finally {
  rmSync(work, { recursive: true });
}

const after = processorTime();
const stolen = (after.stolen - before.stolen) / (after.stolen - before.stolen + after.used - before.used);
const shown = (name, digits = 2, scale = 1000) => (median(results[name]) / scale).toFixed(digits);
console.log(
  `Medians of ${rounds} rounds; ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}, load ${load.toFixed(1)} at the start, bare Node ${shown("node", 3)} s; other guests of the host took ${Math.round(100 * stolen)} % of the processor time wanted.\n`,
);
console.log("| Enter to attached, s | native | embedded |\n| --- | ---: | ---: |");
const rows = {
  first: "first run ever (empty cache)",
  edited: "an edited script",
  unchanged: "an unchanged script (object from the cache)",
};
for (const [key, title] of Object.entries(rows))
  console.log(`| ${title} | ${shown(`native ${key}`)} | ${shown(`embedded ${key}`)} |`);
console.log(
  `| highest memory of all processes together, MiB: edited script | ${shown("native memory", 0, 1)} | ${shown("embedded memory", 0, 1)} |`,
);
console.log(`| the same: first run ever | | ${shown("first memory", 0, 1)} |`);
const sorted = [...results["pair ratio"]].sort((a, b) => a - b);
const quartile = (share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
console.log(
  `\nUnchanged script, ${pairs} further pairs: native ${shown("native pair", 3)} s, embedded ${shown("embedded pair", 3)} s; embedded/native ${quartile(0.5)} (median), ${quartile(0.25)} to ${quartile(0.75)} (quartiles).`,
);
console.log(
  `The recipe alone (trivial source, module unpacked): ${shown("recipe")} s; an edited script takes ${shown("edited/recipe", 2, 1)} times as long (median of the rounds).`,
);
console.log(
  `\nThe embedded clang by itself: process started, module loaded, compiled ${shown("whole")} s; a further compile ${shown("further", 3)} s.`,
);
