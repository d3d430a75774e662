// node check-split.mjs MODULE.wasm SOURCE.c: whether code that split.mjs moves does the same as before. Moves nearly all that the source's
// compile runs, not what it does not run: every mark but functions' beginnings counts as never reached. Both modules must make one object.
import fs from "node:fs";
import v8 from "node:v8";
import { functions, sections } from "./binary.mjs";
import { coverage } from "./coverage.mjs";
import { loadRunner } from "./runner.mjs";
import { split } from "./split.mjs";

const [input, source] = process.argv.slice(2);
for (const flag of ["--liftoff-only", "--no-turbo-fast-api-calls"]) v8.setFlagsFromString(flag);
const module = fs.readFileSync(input);
const counts = await coverage(module, [source]);
/** The offset of each function's first mark: the first that counts, if the function ran. */
const beginnings = new Set();
let offset = 0;
for (const { length } of functions(sections(module)).bodies) {
  const first = counts.subarray(offset, offset + length).findIndex((count) => count > 0);
  if (first !== -1) beginnings.add(offset + first);
  offset += length;
}
const { module: moved, stats } = split(module, (at) => beginnings.has(at));
const { runCommand, cc1Arguments } = await loadRunner();
const request = { args: ["clang", ...cc1Arguments()], input: fs.readFileSync(source), directories: [] };
const objects = [];
for (const bytes of [module, moved]) {
  const { end, stdout, stderr } = runCommand(await WebAssembly.compile(bytes), request);
  if (end.kind !== "exit" || end.code !== 0) throw new Error(`${JSON.stringify(end)} ${stderr}`);
  objects.push(stdout);
}
const same = Buffer.compare(...objects) === 0;
console.log(JSON.stringify({ ...stats, object: objects[0].length, same }));
process.exitCode = same ? 0 : 1;
