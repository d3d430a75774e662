#!/bin/bash
# Has V8 compile at once what a typical run calls, and nothing else (split.mjs), and compresses the module.
#   ./finish.sh MODULE.wasm OUT_DIR     -> OUT_DIR/clang-bpf.wasm.br and .sha256; about two minutes, after `npm ci`
# MODULE may have been through it already: train it again like this, after a change in train/ (see README.md):
#   node -e 'const z = require("zlib"), f = require("fs"); f.writeFileSync("/tmp/m.wasm", z.brotliDecompressSync(f.readFileSync("clang-bpf.wasm.br")))'
#   ./finish.sh /tmp/m.wasm .
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODULE=$1 OUT=$2 TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
node --no-warnings "$HERE/coverage.mjs" "$MODULE" "$TMP/coverage" "$HERE"/train/*.c
node --no-warnings "$HERE/split.mjs" "$MODULE" "$TMP/coverage" "$TMP/clang-bpf.wasm"
node -e '
const fs = require("fs"), z = require("zlib"), [i, o] = process.argv.slice(1), b = fs.readFileSync(i);
fs.writeFileSync(o, z.brotliCompressSync(b, { params: { [z.constants.BROTLI_PARAM_QUALITY]: 11,
  [z.constants.BROTLI_PARAM_LGWIN]: 24, [z.constants.BROTLI_PARAM_SIZE_HINT]: b.length } }));
' "$TMP/clang-bpf.wasm" "$TMP/clang-bpf.wasm.br"
mv "$TMP/clang-bpf.wasm.br" "$OUT/clang-bpf.wasm.br"
cd "$OUT"
sha256sum clang-bpf.wasm.br >clang-bpf.wasm.br.sha256
ls -l clang-bpf.wasm.br
