import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MappingTable, parseMappings } from "../../../../runtime/symbols/mappings.js";

const TEXT = `559e1c000000-559e1c002000 r--p 00000000 fd:01 1234                       /usr/bin/a b\\012c
559e1c002000-559e1c007000 r-xp 00002000 fd:01 1234                       /usr/bin/old (deleted)
559e1d000000-559e1d021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000001000 rwxp 00000000 00:00 0 
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

describe("parseMappings", () => {
  test("files, memory without one, and what is left out", () => {
    expect(
      parseMappings(TEXT).map(({ path, isExecutable, fileOffset, inode }) => ({ path, isExecutable, fileOffset, inode })),
    ).toEqual([
      { path: "/usr/bin/a b\nc", isExecutable: false, fileOffset: 0, inode: 1234 },
      { path: "/usr/bin/old", isExecutable: true, fileOffset: 0x2000, inode: 1234 },
      { path: "[heap]", isExecutable: false, fileOffset: 0, inode: 0 },
      { path: "", isExecutable: true, fileOffset: 0, inode: 0 },
      { path: "[vdso]", isExecutable: true, fileOffset: 0, inode: 0 },
    ]);
  });

  test("of this process: every line but vsyscall's", () => {
    const text = readFileSync("/proc/self/maps", "utf8");
    expect(parseMappings(text)).toHaveLength(
      text
        .trimEnd()
        .split("\n")
        .filter((line) => !line.includes("[vsyscall]")).length,
    );
  });

  test("a place is in the mapping around it, and in none between them", () => {
    const table = new MappingTable(parseMappings(TEXT));
    expect(table.find(0x559e1c002000)?.path).toBe("/usr/bin/old");
    expect(table.find(0x559e1c006fff)?.path).toBe("/usr/bin/old");
    expect(table.find(0x559e1c007000)).toBeUndefined();
    expect(table.find(0x1000)).toBeUndefined();
  });
});
