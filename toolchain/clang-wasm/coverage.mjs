// node coverage.mjs MODULE.wasm OUT SOURCE.c...: which parts of the module run when tsprobe compiles these sources.
// OUT: for each byte of the code section's bodies, one behind the other, how many of the sources ran the code that begins there
// (255 at most). Marked are functions' beginnings and the places where code may be left out: behind if, else, br_if and end.
import fs from "node:fs";
import v8 from "node:v8";
import { WASI } from "node:wasi";
import { assemble, decode, functions, sections, signed, unsigned, vector } from "./binary.mjs";
import { loadRunner } from "./runner.mjs";

/** Numbers that proc_exit, which takes an i32 and is called once in a run, is told the marks with. */
const FIRST_MARK = 1 << 16;

/** The indices of instructions before which there is a mark. */
export function marks(code) {
  const found = [0];
  code.forEach(({ op }, index) => {
    if ((op === 0x04 || op === 0x05 || op === 0x0b || op === 0x0d) && index + 1 < code.length) found.push(index + 1);
  });
  return found;
}

function instrument(module) {
  const list = sections(module);
  const info = functions(list);
  const exit = info.imports.get("proc_exit");
  const imported = info.imports.size;
  let offset = 0;
  const bodies = info.bodies.map((body, index) => {
    const { code } = decode(body, info.types[info.typeOf[imported + index]], info);
    const pieces = [];
    let done = 0;
    for (const at of marks(code)) {
      pieces.push(body.subarray(done, code[at].at));
      pieces.push(Buffer.from([0x41, ...signed(FIRST_MARK + offset + code[at].at), 0x10, ...unsigned(exit)]));
      done = code[at].at;
    }
    pieces.push(body.subarray(done));
    offset += body.length;
    const made = Buffer.concat(pieces);
    return Buffer.concat([Buffer.from(unsigned(made.length)), made]);
  });
  const made = list
    .filter(({ name }) => name !== "compilationHints")
    .map((section) => (section.id === 10 ? { id: 10, body: vector(bodies) } : section));
  return { module: assemble(made), size: offset };
}

/** @returns for each byte of the bodies how many of the sources ran what begins there. WASI is changed while it works. */
export async function coverage(module, sources) {
  const { module: instrumented, size } = instrument(module);
  const compiled = await WebAssembly.compile(instrumented);
  const counts = new Uint8Array(size);
  let hit;
  const own = WASI.prototype.getImportObject;
  WASI.prototype.getImportObject = function () {
    const imports = own.call(this);
    const { proc_exit: exit } = imports.wasi_snapshot_preview1;
    imports.wasi_snapshot_preview1.proc_exit = (value) => {
      if (value < FIRST_MARK) return exit(value);
      hit[value - FIRST_MARK] = 1;
    };
    return imports;
  };
  const { runCommand, cc1Arguments } = await loadRunner();
  for (const source of sources) {
    hit = new Uint8Array(size);
    const run = runCommand(compiled, { args: ["clang", ...cc1Arguments()], input: fs.readFileSync(source), directories: [] });
    if (run.end.kind !== "exit" || run.end.code !== 0) throw new Error(`${source}: ${JSON.stringify(run.end)} ${run.stderr}`);
    for (let at = 0; at < size; at++) counts[at] = Math.min(255, counts[at] + hit[at]);
  }
  WASI.prototype.getImportObject = own;
  return counts;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [input, output, ...sources] = process.argv.slice(2);
  for (const flag of ["--liftoff-only", "--no-turbo-fast-api-calls"]) v8.setFlagsFromString(flag);
  fs.writeFileSync(output, await coverage(fs.readFileSync(input), sources));
}
