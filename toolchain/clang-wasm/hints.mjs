// node hints.mjs in.wasm out.wasm trace.txt...: add V8's "compilationHints" custom section:
// functions named in the traces (node --liftoff-only --trace-wasm-compilation-times) are compiled eagerly, the others lazily.
import fs from "node:fs";

const [i, o, ...traces] = process.argv.slice(2);
const hot = new Set();
for (const t of traces) for (const m of fs.readFileSync(t, "utf8").matchAll(/^Compiled function \S*#(\d+)/gm)) hot.add(+m[1]);
const b = fs.readFileSync(i);
let p = 8,
  imports = 0,
  funcs = 0,
  code = 0,
  old = [0, 0];
const leb = () => {
  let r = 0,
    s = 0,
    x;
  do {
    x = b[p++];
    r += (x & 127) * 2 ** s;
    s += 7;
  } while (x & 128);
  return r;
};
const enc = (n) => {
  const a = [];
  do {
    a.push((n & 127) | (n > 127 ? 128 : 0));
    n >>>= 7;
  } while (n);
  return a;
};
while (p < b.length) {
  const at = p,
    id = b[p++],
    size = leb(),
    end = p + size;
  if (id === 2) {
    const n = leb();
    for (let k = 0; k < n; k++) {
      for (let q = 0; q < 2; q++) {
        const l = leb();
        p += l;
      }
      const kind = b[p++];
      if (kind === 0) {
        imports++;
        leb();
      } else if (kind === 1) {
        p++;
        const f = leb();
        leb();
        if (f & 1) leb();
      } else if (kind === 2) {
        const f = leb();
        leb();
        if (f & 1) leb();
      } else p += 2;
    }
  }
  // The hints that it has already, when it is trained again.
  if (id === 0) {
    const l = leb();
    if (b.toString("latin1", p, p + l) === "compilationHints") old = [at, end];
  }
  if (id === 3) funcs = leb();
  if (id === 10) code = at;
  p = end;
}
const name = Buffer.from("compilationHints"),
  h = Buffer.alloc(funcs, 1);
let n = 0;
for (const f of hot)
  if (f >= imports) {
    h[f - imports] = 2;
    n++;
  }
const body = Buffer.concat([Buffer.from(enc(name.length)), name, Buffer.from(enc(funcs)), h]);
const head = Buffer.concat([b.subarray(0, old[0]), b.subarray(old[1], code)]); // the section stands before the code
fs.writeFileSync(o, Buffer.concat([head, Buffer.from([0, ...enc(body.length)]), body, b.subarray(code)]));
console.log({ imports, funcs, eager: n });
