#!/bin/bash
# Builds clang-bpf.wasm: "clang -cc1" 19.1.7 with only the BPF backend, for WASI preview1.
# On Debian bookworm, as root, with "deb-src" lines in apt's sources and Node.js 20 as "node":
#   ./build.sh            everything (about an hour on 2 cores), result beside this script
#   WORK=/some/dir JOBS=8 ./build.sh
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=${WORK:-/tmp/clangwasm}
JOBS=${JOBS:-$(nproc)}
VER=19.1.7
LLVM_BIN=/usr/lib/llvm-19/bin
node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' || { echo 'Node.js 20 is needed' >&2; exit 1; }

apt-get update
apt-get install -y --no-install-recommends \
  clang-19 lld-19 llvm-19 llvm-19-dev libclang-common-19-dev clang-tools-19 libclang-19-dev \
  wasi-libc libc++-19-dev-wasm32 libclang-rt-19-dev-wasm32 \
  cmake ninja-build ccache binaryen dpkg-dev xz-utils patch

# 1. LLVM's source: only what the build reads, with this directory's patch.
mkdir -p "$WORK/dl"
cd "$WORK/dl"
TAR=llvm-toolchain-19_$VER.orig.tar.xz
[ -f "$TAR" ] || apt-get source --download-only llvm-toolchain-19
if [ ! -f "$WORK/src/.patched" ]; then
  rm -rf "$WORK/src" && mkdir "$WORK/src"
  top=$(xz -dc "$TAR" | tar -t 2>/dev/null | head -1 | cut -d/ -f1) || true
  tar -xJf "$TAR" -C "$WORK/src" --strip-components=1 --exclude='*/test' --exclude='*/unittests' --exclude='*/docs' \
    "$top/llvm" "$top/clang" "$top/cmake" "$top/third-party"
  patch -d "$WORK/src" -p1 <"$HERE/wasi.patch"
  touch "$WORK/src/.patched"
fi

# 2. The toolchain file and the shim headers, beside the source.
rm -rf "$WORK/kit" && cp -a "$HERE/toolchain" "$WORK/kit"

# 3. Configure and build. HAVE_PREAD=0: some WASI hosts (@wasmer/cli) get fd_pread wrong; lseek and read do as well.
# llvm-tblgen and clang-tblgen come from Debian's packages of the same version.
export CCACHE_DIR=${CCACHE_DIR:-$WORK/ccache}
cmake -G Ninja -S "$WORK/src/llvm" -B "$WORK/build" \
  -DCMAKE_TOOLCHAIN_FILE="$WORK/kit/cmake/wasi-toolchain.cmake" -DCMAKE_BUILD_TYPE=MinSizeRel \
  -DHAVE_PREAD=0 -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
  -DLLVM_TABLEGEN=$LLVM_BIN/llvm-tblgen -DCLANG_TABLEGEN=$LLVM_BIN/clang-tblgen -DLLVM_NATIVE_TOOL_DIR=$LLVM_BIN \
  -DLLVM_ENABLE_PROJECTS=clang -DLLVM_TARGETS_TO_BUILD=BPF -DLLVM_DEFAULT_TARGET_TRIPLE=bpf -DLLVM_HOST_TRIPLE=wasm32-wasi \
  -DLLVM_ENABLE_THREADS=OFF -DLLVM_ENABLE_PIC=OFF -DLLVM_ENABLE_ZLIB=OFF -DLLVM_ENABLE_ZSTD=OFF -DLLVM_ENABLE_LIBXML2=OFF \
  -DLLVM_ENABLE_LIBEDIT=OFF -DLLVM_ENABLE_LIBPFM=OFF -DLLVM_ENABLE_CURL=OFF -DLLVM_ENABLE_CRASH_OVERRIDES=OFF \
  -DLLVM_ENABLE_BACKTRACES=OFF -DLLVM_ENABLE_UNWIND_TABLES=OFF -DLLVM_ENABLE_PLUGINS=OFF -DLLVM_BUILD_STATIC=ON \
  -DLLVM_APPEND_VC_REV=OFF -DLLVM_ENABLE_ASSERTIONS=OFF -DLLVM_ENABLE_WARNINGS=OFF -DLLVM_ENABLE_OCAMLDOC=OFF -DLLVM_ENABLE_BINDINGS=OFF \
  -DLLVM_INCLUDE_TESTS=OFF -DLLVM_INCLUDE_BENCHMARKS=OFF -DLLVM_INCLUDE_EXAMPLES=OFF -DLLVM_INCLUDE_DOCS=OFF \
  -DLLVM_INCLUDE_UTILS=OFF -DLLVM_INCLUDE_RUNTIMES=OFF -DLLVM_BUILD_TOOLS=OFF -DLLVM_BUILD_UTILS=OFF \
  -DCLANG_ENABLE_STATIC_ANALYZER=OFF -DCLANG_ENABLE_ARCMT=OFF -DCLANG_BUILD_TOOLS=OFF -DCLANG_INCLUDE_TESTS=OFF \
  -DCLANG_INCLUDE_DOCS=OFF -DCLANG_PLUGIN_SUPPORT=OFF -DCLANG_ENABLE_LIBXML2=OFF
ninja -C "$WORK/build" -j"$JOBS" clang-bpf

# The link runs "wasm-opt -Os" (binaryen) by itself: clang does so when it finds it.

# 4. Have V8 compile at once what a run calls and nothing else, and compress. Takes tsprobe's own runner: `npm ci` first.
"$HERE/finish.sh" "$WORK/build/bin/clang-bpf.wasm" "$HERE"
