// Takes a snapshot of this machine's kernel types for the package, so that editors on machines without BTF complete
// names too: node scripts/snapshot.mjs (as root, after a build).
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { release } from "node:os";
import { brotliCompressSync, constants } from "node:zlib";

const { stdout, status, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", "types"], { encoding: "utf8", maxBuffer: 64 << 20 });
if (status !== 0) throw new Error(stderr);
const text = stdout.replace("interface LocalTracepoints", "interface SnapshotTracepoints").replace("interface LocalStructs", "interface SnapshotStructs");
const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length, [constants.BROTLI_PARAM_LGWIN]: 24 } });
writeFileSync("kernel/snapshots/kernel.d.ts.br", packed);
writeFileSync("kernel/snapshots/README.md", `# Snapshot of kernel types\n\n\`kernel.d.ts.br\` holds declarations of all tracepoints and structs of Linux ${release().split("-")[0]} on ${process.arch},\nmade by \`node scripts/snapshot.mjs\`. The build unpacks it into \`dist/types\`, where editors find it. Running a script\nnever uses it: a run checks types against the running kernel.\n`);
console.log(`${text.length} characters, ${packed.length} bytes packed`);
