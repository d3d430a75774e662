#!/bin/bash
# Names in the module the functions that a typical run calls, so that V8 compiles those at once (see hints.mjs), and compresses it.
#   ./finish.sh MODULE.wasm OUT_DIR     -> OUT_DIR/clang-bpf.wasm.br and .sha256; about two minutes
# MODULE may have such names already: train it again like this, after a change in train/ (see README.md):
#   node -e 'const z = require("zlib"), f = require("fs"); f.writeFileSync("/tmp/m.wasm", z.brotliDecompressSync(f.readFileSync("clang-bpf.wasm.br")))'
#   ./finish.sh /tmp/m.wasm .
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODULE=$1 OUT=$2 TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
cp "$HERE"/train/*.c "$TMP"
for source in "$TMP"/*.c; do
  node --no-warnings --liftoff-only --wasm-lazy-compilation --trace-wasm-compilation-times "$HERE/compile.mjs" "$MODULE" "$source" "$source.o" \
    -Wno-everything -relaxed-aliasing -fwrapv -fno-builtin -Qn >"$source.trace"
done
node "$HERE/hints.mjs" "$MODULE" "$TMP/clang-bpf.wasm" "$TMP"/*.trace
node -e '
const fs = require("fs"), z = require("zlib"), [i, o] = process.argv.slice(1), b = fs.readFileSync(i);
fs.writeFileSync(o, z.brotliCompressSync(b, { params: { [z.constants.BROTLI_PARAM_QUALITY]: 11,
  [z.constants.BROTLI_PARAM_LGWIN]: 24, [z.constants.BROTLI_PARAM_SIZE_HINT]: b.length } }));
' "$TMP/clang-bpf.wasm" "$TMP/clang-bpf.wasm.br"
mv "$TMP/clang-bpf.wasm.br" "$OUT/clang-bpf.wasm.br"
cd "$OUT"
sha256sum clang-bpf.wasm.br >clang-bpf.wasm.br.sha256
ls -l clang-bpf.wasm.br
