#!/usr/bin/env bash
# Builds libbpf 1.5 as ONE shared object that needs only the C library (glibc 2.33 or newer): libbpf from Debian's
# linux-source-6.12, linked with position-independent libelf (elfutils) and zlib, both from Debian's source packages.
# On Debian bookworm, x86-64, as root; 3 minutes for each platform:
#   ./build.sh                     both platforms
#   ./build.sh linux-arm64         one of them, arm64 with a cross compiler
#   WORK=/some/dir ./build.sh      keeps the unpacked sources there
# Result beside this script: PLATFORM/libbpf.so.1 and .sha256, LICENSES/ for both.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${WORK:-$(mktemp -d)}
platforms=${*:-linux-x64 linux-arm64}
# The newest symbol version that the result may need; Debian 12 has 2.36, Ubuntu 22.04 2.35, RHEL 9 2.34.
newest_glibc=2.34

export DEBIAN_FRONTEND=noninteractive
grep -rqs '^Types:.*deb-src\|^deb-src' /etc/apt/sources.list /etc/apt/sources.list.d || {
  sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources
  apt-get update >/dev/null
}
packages="gcc make m4 pkg-config xz-utils bzip2 dpkg-dev python3 binutils"
[[ $platforms = *linux-arm64* ]] && packages+=" gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
# shellcheck disable=SC2086 # a list of names
apt-get install -y --no-install-recommends $packages >/dev/null

# 1. Sources.
mkdir -p "$work"
work=$(cd "$work" && pwd)
cd "$work"
[ -d source ] || {
  apt-get download -qq linux-source-6.12 >/dev/null
  dpkg -x linux-source-6.12_*.deb unpacked
  mkdir source
  tar -xf unpacked/usr/src/linux-source-6.12.tar.xz -C source --strip-components=1 --wildcards \
    '*/tools/lib' '*/tools/include' '*/tools/build' '*/tools/scripts' '*/tools/arch' '*/arch/x86/include' '*/arch/arm64/include' \
    '*/scripts' '*/include/uapi' '*/LICENSES'
}
ls -d elfutils-*/ >/dev/null 2>&1 || apt-get source -qq elfutils >/dev/null
ls -d zlib-*/ >/dev/null 2>&1 || apt-get source -qq zlib >/dev/null
elfutils=$(cd elfutils-*/ && pwd) zlib=$(cd zlib-*/ && pwd)
# No path of this machine in the result.
cflags="-O2 -fPIC -g0 -ffile-prefix-map=$work=."

build() { # platform, prefix of the cross compiler's commands, the kernel's name of the architecture
  local platform=$1 cross=$2 arch=$3 dir=$work/$1 out=$here/$1
  mkdir -p "$dir/zlib" "$dir/elfutils" "$dir/libbpf" "$out"

  # 2. zlib: static, position-independent.
  [ -f "$dir/zlib/libz.a" ] || (
    cd "$dir/zlib"
    CHOST=${cross%-} CC=${cross}gcc AR=${cross}ar RANLIB=${cross}ranlib CFLAGS="$cflags" "$zlib/configure" --static >configure.out
    make libz.a >make.out 2>&1
  )

  # 3. libelf: the objects that elfutils makes for its own shared library.
  [ -f "$dir/elfutils/libelf/libelf_pic.a" ] || (
    cd "$dir/elfutils"
    "$elfutils/configure" ${cross:+--host=${cross%-}} --disable-debuginfod --disable-libdebuginfod --without-bzlib --without-lzma \
      --without-zstd --disable-nls CFLAGS="$cflags" CPPFLAGS="-I$zlib -I$dir/zlib" LDFLAGS="-L$dir/zlib" >configure.out 2>&1
    make -C lib >lib.out 2>&1
    make -C libelf libelf_pic.a >libelf.out 2>&1
  )

  # 4. libbpf, and everything into one file; only what libbpf.map names is visible outside.
  make -s -C source/tools/lib/bpf ARCH="$arch" CROSS_COMPILE="$cross" OUTPUT="$dir/libbpf/" \
    EXTRA_CFLAGS="$cflags -I$elfutils/libelf -I$zlib -I$dir/zlib" "$dir/libbpf/libbpf.a" >"$dir/libbpf.out" 2>&1
  "${cross}gcc" -shared -o "$out/libbpf.so.1" -Wl,--whole-archive "$dir/libbpf/libbpf.a" -Wl,--no-whole-archive \
    "$dir/elfutils/libelf/libelf_pic.a" "$dir/elfutils/lib/libeu.a" "$dir/zlib/libz.a" \
    -Wl,-soname,libbpf.so.1 -Wl,--version-script=source/tools/lib/bpf/libbpf.map -Wl,--gc-sections -Wl,--build-id=none -s
  chmod 644 "$out/libbpf.so.1"
  (cd "$out" && sha256sum libbpf.so.1 >libbpf.so.1.sha256)

  # 5. What it needs and gives.
  local needed wanted
  needed=$("${cross}readelf" -dW "$out/libbpf.so.1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
  wanted=$("${cross}objdump" -T "$out/libbpf.so.1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
  echo "$platform: $(stat -c %s "$out/libbpf.so.1") bytes, needs $needed(newest symbols: $wanted)"
  [ "$(printf 'GLIBC_%s\n%s\n' $newest_glibc "$wanted" | sort -V | tail -1)" = GLIBC_$newest_glibc ] || {
    echo "$platform needs $wanted, newer than $newest_glibc" >&2
    exit 1
  }
  if grep -q "$work" "$out/libbpf.so.1"; then
    echo "$platform: a path of this machine is in the result" >&2
    exit 1
  fi
}

for platform in $platforms; do
  case $platform in
    linux-x64) build linux-x64 "" x86 ;;
    linux-arm64) build linux-arm64 aarch64-linux-gnu- arm64 ;;
    *) echo "unknown platform $platform" >&2; exit 1 ;;
  esac
done

mkdir -p "$here/LICENSES"
cp source/LICENSES/preferred/{BSD-2-Clause,LGPL-2.1} "$here/LICENSES/"
cp "$elfutils/COPYING-LGPLV3" "$here/LICENSES/LGPL-3.0"
cp "$elfutils/COPYING" "$here/LICENSES/GPL-3.0" # the LGPL-3 is a set of permissions added to the GPL-3
cp "$zlib/LICENSE" "$here/LICENSES/Zlib" 2>/dev/null || sed -n '/Copyright notice/,/jloup@/p' "$zlib/README" >"$here/LICENSES/Zlib"
