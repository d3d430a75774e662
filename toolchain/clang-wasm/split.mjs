// node split.mjs MODULE.wasm COVERAGE OUT.wasm: makes V8 compile less before the start. Code that no training run reached goes out of the
// functions that were called, into functions of its own; and the "compilationHints" section names the functions that were called, which V8
// then compiles at once, on all cores. All others it compiles when they are first called.
import fs from "node:fs";
import { assemble, decode, functions, sections, unsigned, vector } from "./binary.mjs";
import { outline, uses } from "./outline.mjs";
import { coldRegions } from "./regions.mjs";

/**
 * @param ran whether a training run came to an instruction: told by its place in the code section's bodies, one behind the other
 * @returns the new module, and figures
 */
export function split(module, ran) {
  const list = sections(module);
  const info = functions(list);
  const imported = info.imports.size;
  const eager = [];
  const types = info.types.map(encodeType);
  const typeIndices = new Map(types.map((type, index) => [type.toString("latin1"), index]));
  const indexOfType = (type) => {
    const encoded = encodeType(type);
    const key = encoded.toString("latin1");
    if (!typeIndices.has(key)) {
      typeIndices.set(key, types.length);
      types.push(encoded);
    }
    return typeIndices.get(key);
  };
  const cold = [];
  let offset = 0;
  const stats = { regions: 0, moved: 0 };
  const bodies = info.bodies.map((body, number) => {
    const start = offset;
    offset += body.length;
    const type = info.types[info.typeOf[imported + number]];
    const { locals, code } = decode(body, type, info);
    eager[number] = ran(start + code[0].at);
    if (!eager[number]) return body;
    const regions = coldRegions(code, type, (instruction) => ran(start + instruction.at));
    if (regions.length === 0) return body;
    const readsOfAll = uses(code, 0, code.length - 1).reads;
    const spares = new Map();
    const spare = (use, valueType) => {
      const key = `${use} ${valueType}`;
      if (!spares.has(key)) spares.set(key, { index: locals.length + spares.size, valueType });
      return spares.get(key).index;
    };
    const pieces = [];
    let done = code[0].at;
    for (const region of regions) {
      const functionIndex = imported + info.bodies.length + cold.length;
      const made = outline({ body, locals, code, type, readsOfAll, spare }, region, functionIndex);
      if (made === undefined) continue;
      cold.push({ body: made.body, type: indexOfType(made.type) });
      pieces.push(body.subarray(done, code[region.first].at), made.call);
      done = code[region.last].end;
      stats.regions++;
      stats.moved += code[region.last].end - code[region.first].at;
    }
    if (pieces.length === 0) return body;
    pieces.push(body.subarray(done));
    const own = [...locals.slice(type.parameters.length), ...[...spares.values()].map(({ valueType }) => valueType)];
    return Buffer.concat([declarations(own), ...pieces]);
  });
  const sized = [...bodies, ...cold.map(({ body }) => body)].map((body) =>
    Buffer.concat([Buffer.from(unsigned(body.length)), body]),
  );
  const made = list
    .filter(({ name }) => name !== "compilationHints")
    .map((section) => {
      if (section.id === 1) return { id: 1, body: vector(types) };
      if (section.id === 3) {
        const all = [...info.typeOf.slice(imported), ...cold.map(({ type }) => type)];
        return { id: 3, body: vector(all.map((index) => Buffer.from(unsigned(index)))) };
      }
      return section.id === 10 ? { id: 10, body: vector(sized) } : section;
    });
  stats.types = [info.types.length, types.length];
  stats.eager = eager.filter(Boolean).length;
  const hints = Buffer.from([...bodies.keys(), ...cold].map((_, number) => (eager[number] ? 2 : 1)));
  const name = Buffer.from("compilationHints");
  const body = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(unsigned(hints.length)), hints]);
  // It stands before the code.
  made.splice(
    made.findIndex(({ id }) => id === 10),
    0,
    { id: 0, body },
  );
  return { module: assemble(made), stats };
}

function encodeType({ parameters, results }) {
  return Buffer.from([0x60, ...unsigned(parameters.length), ...parameters, ...unsigned(results.length), ...results]);
}

function declarations(types) {
  const groups = [];
  for (const type of types) {
    if (groups.at(-1)?.type === type) groups.at(-1).count++;
    else groups.push({ type, count: 1 });
  }
  return Buffer.from([...unsigned(groups.length), ...groups.flatMap(({ type, count }) => [...unsigned(count), type])]);
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [input, coverage, output] = process.argv.slice(2);
  const counts = fs.readFileSync(coverage);
  const made = split(fs.readFileSync(input), (at) => counts[at] > 0);
  fs.writeFileSync(output, made.module);
  console.log(made.stats);
}
