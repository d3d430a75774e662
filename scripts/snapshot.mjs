// Takes a snapshot of this machine's kernel types for the package, so that editors on machines without BTF complete
// names too: node scripts/snapshot.mjs (as root, after a build).
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { brotliCompressSync, constants } from "node:zlib";

const { stdout, status, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", "types"], {
  encoding: "utf8",
  maxBuffer: 64 << 20,
});
if (status !== 0) throw new Error(stderr);
const text = stdout
  .replace("interface LocalTracepoints", "interface SnapshotTracepoints")
  .replace("interface LocalStructs", "interface SnapshotStructs")
  .replace("interface LocalFunctions", "interface SnapshotFunctions")
  .replace("interface LocalReturns", "interface SnapshotReturns")
  .replace("interface LocalRawTracepoints", "interface SnapshotRawTracepoints")
  .replace("interface LocalIterators", "interface SnapshotIterators")
  .replace("interface LocalEnums", "interface SnapshotEnums")
  .replace(release(), release().split("-")[0]);
const pack = (text) =>
  brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      [constants.BROTLI_PARAM_LGWIN]: 24,
    },
  });
const kernelRelease = release().split("-")[0];
const packed = pack(text);
writeFileSync("kernel/snapshots/kernel.d.ts.br", packed);

// The format files, so that scripts can be checked and compiled where tracefs cannot be read.
const events = "/sys/kernel/tracing/events";
const tracepoints = {};
for (const name of readFileSync("/sys/kernel/tracing/available_events", "utf8").trim().split("\n")) {
  const [category, event] = name.split(":");
  tracepoints[name] = readFileSync(`${events}/${category}/${event}/format`, "utf8").replace(/\nprint fmt:[\s\S]*$/, "\n");
}
const formats = pack(JSON.stringify({ release: kernelRelease, tracepoints }));
writeFileSync("kernel/snapshots/tracepoints.json.br", formats);
writeFileSync(
  "kernel/snapshots/README.md",
  `# Snapshot of kernel types

Taken of Linux ${kernelRelease} on ${process.arch} by \`node scripts/snapshot.mjs\` (as root, after a build).

- \`kernel.d.ts.br\`: declarations of all its tracepoints, functions, structs and enums. The build unpacks it into \`dist/types\`, where
  editors find it.
- \`tracepoints.json.br\`: the format files of its tracepoints, for \`check\` and \`show\` where tracefs cannot be read.

\`tsprobe run\` uses neither: it asks the running kernel.
`,
);
console.log(`declarations ${packed.length} bytes, formats ${formats.length} bytes`);
