import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findFile, isLibraryName, type Places } from "../../../../kernel/user/find-file.js";
import { type Machine, machineOf } from "../../../../kernel/user/machine.js";
import { buildElf } from "../../../fixtures/elf-image.js";
import { buildLdCache } from "../../../fixtures/ld-cache.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-find-")));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: string[]) => join(folder, ...names);
const machine = machineOf("x64") as Machine;
for (const name of ["bin", "lib", "arm", "other"]) mkdirSync(inFolder(name));

const [ours, theirs] = [buildElf({ machine: 62 }), buildElf({ machine: 183 })];
for (const name of ["libssl.so.1.1", "libssl.so.3", "libssl.so.10", "libold.so.2"]) writeFileSync(inFolder("lib", name), ours);
writeFileSync(inFolder("lib", "libssl.so"), "/* GNU ld script */ GROUP ( libssl.so.3 )");
writeFileSync(inFolder("arm", "libonly.so.1"), theirs);
writeFileSync(inFolder("arm", "libssl.so.11"), theirs);
writeFileSync(inFolder("other", "libuncached.so.1"), ours);
writeFileSync(inFolder("other", "libc.musl-x86_64.so.1"), ours);
writeFileSync(inFolder("bin", "server"), ours);
chmodSync(inFolder("bin", "server"), 0o755);
writeFileSync(inFolder("bin", "libtool"), ours, { mode: 0o755 });
writeFileSync(inFolder("bin", "notes"), "no program");
symlinkSync("server", inFolder("bin", "linked"));

const cached = (name: string, where = "lib", flags = 0x0303) => ({ name, path: inFolder(where, name), flags, isSpecial: false });
writeFileSync(
  inFolder("cache"),
  buildLdCache([
    cached("libssl.so.1.1"),
    cached("libssl.so.11", "arm", 0x0a03),
    cached("libssl.so.3"),
    cached("libssl.so.10"),
    cached("libold.so.2"),
    cached("libonly.so.1", "arm"),
  ]),
);

const places: Places = {
  machine,
  workingDirectory: folder,
  path: `${inFolder("nowhere")}:bin`,
  ldCache: inFolder("cache"),
  libraryFolders: [inFolder("other"), inFolder("lib"), inFolder("missing")],
};
const found = (name: string, more: Partial<Places> = {}) => findFile(name, { ...places, ...more });

test("paths, from the working directory", () => {
  expect(found("./bin/server")).toEqual({ path: inFolder("bin", "server") });
  expect(found(inFolder("bin", "server"))).toEqual({ path: inFolder("bin", "server") });
  expect(found("bin/missing")).toEqual({ missing: "path", candidates: [] });
});

test("programs, as a shell finds them", () => {
  expect(found("server")).toEqual({ path: inFolder("bin", "server") });
  expect(found("linked")).toEqual({ path: inFolder("bin", "linked") });
  expect(found("libtool")).toEqual({ path: inFolder("bin", "libtool") });
  expect(found("notes")).toEqual({ missing: "program", candidates: [] }); // not executable
  expect(found("ssl")).toEqual({ missing: "program", candidates: ["libssl"] });
});

test("libraries by their whole name", () => {
  expect(found("libssl.so.3")).toEqual({ path: inFolder("lib", "libssl.so.3") });
  expect(found("libssl.so.1.1")).toEqual({ path: inFolder("lib", "libssl.so.1.1") });
});

test("without a version, the newest of this architecture that is one", () => {
  expect(found("libssl")).toEqual({ path: inFolder("lib", "libssl.so.10") });
  expect(found("libssl.so")).toEqual({ path: inFolder("lib", "libssl.so.10") });
  expect(found("libssl.so.1")).toEqual({ path: inFolder("lib", "libssl.so.1.1") });
});

test("without a cache, from the folders; musl's libc has a name of its own", () => {
  expect(found("libuncached")).toEqual({ path: inFolder("other", "libuncached.so.1") });
  expect(found("libssl", { ldCache: inFolder("missing") })).toEqual({ path: inFolder("lib", "libssl.so.10") });
  expect(found("libc", { ldCache: inFolder("missing") })).toEqual({ path: inFolder("other", "libc.musl-x86_64.so.1") });
});

test("only there for another architecture: that file, whose reader then says so", () => {
  expect(found("libonly")).toEqual({ path: inFolder("arm", "libonly.so.1") });
});

test("not there: the names that are", () => {
  const result = found("libsll");
  expect(result).toMatchObject({ missing: "library" });
  expect("candidates" in result && [...result.candidates].sort()).toEqual(["libold", "libonly", "libssl"]);
});

test("which names are libraries", () => {
  expect(["libc", "libssl.so.3", "c.so", "_zoo.so.1"].map(isLibraryName)).toEqual([true, true, true, true]);
  expect(["bash", "node", "python3.11", "glib", "so"].map(isLibraryName)).toEqual([false, false, false, false, false]);
});
