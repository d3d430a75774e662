/**
 * Nanoseconds to decode one event (DESIGN: 77-111 ns for two u64, two u32 and a 16-byte string) and one of tcpstates' shape.
 * Run: node bench/decode.mjs
 */
import { build } from "esbuild";

const bundle = await build({
  stdin: {
    contents: 'export { compileDecoder } from "./runtime/decode.ts";',
    resolveDir: new URL("..", import.meta.url).pathname,
  },
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const { compileDecoder } = await import(
  `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].text).toString("base64")}`
);

const u64 = { kind: "int", size: 8, signed: false, as: "bigint" };
const u32 = { kind: "int", size: 4, signed: false, as: "number" };
const u16 = { kind: "int", size: 2, signed: false, as: "number" };
const comm = { kind: "string", size: 16 };
const state = { kind: "enum", size: 4, signed: true, names: new Map(Array.from({ length: 13 }, (_, i) => [i, `STATE_${i}`])) };

function layout(name, fields) {
  return {
    name,
    stream: 0,
    size: Math.max(...fields.map(([, offset, , size]) => offset + size)),
    fields: fields.map(([field, offset, type]) => ({ name: field, offset, type })),
  };
}

const small = layout("two u64, two u32, comm", [
  ["a", 0, u64, 8],
  ["b", 8, u64, 8],
  ["c", 16, u32, 4],
  ["d", 20, u32, 4],
  ["comm", 24, comm, 16],
]);
const tcpstates = layout("tcpstates", [
  ["sk", 0, { kind: "pointer" }, 8],
  ["us", 8, u64, 8],
  ["pid", 16, u32, 4],
  ["lport", 20, u16, 2],
  ["rport", 22, u16, 2],
  ["comm", 24, comm, 16],
  ["laddr", 40, { kind: "ip" }, 20],
  ["raddr", 60, { kind: "ip" }, 20],
  ["from", 80, state, 4],
  ["to", 84, state, 4],
]);

const EVENTS = 4096;
for (const shape of [small, tcpstates]) {
  const stride = (shape.size + 15) & ~7;
  const bytes = new Uint8Array(stride * EVENTS);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < EVENTS; i++) {
    for (const { offset, type } of shape.fields) {
      const at = i * stride + offset;
      if (type.kind === "string") bytes.set(Buffer.from(`worker-${i % 20}`), at);
      else if (type.kind === "ip") bytes.set([2, 0, 0, 0, 10, 0, 0, i % 50], at);
      else if (type.kind === "enum") view.setInt32(at, i % 13, true);
      else if (type.kind === "pointer") view.setBigUint64(at, 0xffff888000000000n + BigInt(i), true);
      else bytes[at] = i & 255;
    }
  }
  const decode = compileDecoder(shape);
  const memory = { bytes, view };
  let kept;
  const round = () => {
    for (let i = 0; i < EVENTS; i++) kept = decode(memory, i * stride);
  };
  for (let i = 0; i < 50; i++) round();
  const times = Array.from({ length: 15 }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 20; i++) round();
    return Number(process.hrtime.bigint() - start) / (20 * EVENTS);
  }).sort((x, y) => x - y);
  console.log(
    `${shape.name}: median ${times[7].toFixed(0)} ns, best ${times[0].toFixed(0)} ns per event`,
    kept === undefined ? "" : `(${Object.keys(kept).length} fields)`,
  );
}
