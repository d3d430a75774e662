import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ContentCache } from "../../../../compiler/cache/content-cache.js";
import { findClang } from "../../../../compiler/clang/find.js";
import { DiagnosticError } from "../../../../diagnostics/diagnostic.js";
import { executable, temporaryDirectory } from "./support.js";

/** A program that notes each start in `log` and answers as a clang of that version does. */
function imitation(path: string, version: string): string {
  return executable(path, `#!/bin/sh\necho started >> '${path}.log'\nprintf '\\t.asciz\\t"${version} (1~deb)"\\n'\n`);
}

function starts(path: string): number {
  try {
    return readFileSync(`${path}.log`, "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}

function setUp() {
  const base = temporaryDirectory();
  const folder = join(base, "bin");
  mkdirSync(folder);
  const said: string[] = [];
  const homes = [{ folder: join(base, "lib"), prefix: "llvm-" }];
  const system = { osRelease: "ID=debian", root: false, query: () => "" };
  const find = async (wanted?: string, path = folder) => {
    try {
      const verdicts = new ContentCache({ directory: join(base, "cache"), kind: "compilers" });
      const found = await findClang({
        wanted,
        verdicts,
        log: (message) => said.push(message.replaceAll(base, "")),
        env: { PATH: path },
        homes,
        system,
      });
      return { path: found.path.replace(base, ""), version: found.version };
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const [{ code, failure, message, hints }] = error.diagnostics as [(typeof error.diagnostics)[0]];
      return JSON.parse(JSON.stringify({ code, failure, message, hints }).replaceAll(base, ""));
    }
  };
  return { base, folder, said, find };
}

describe("which clang is taken", () => {
  test("plain clang first, along PATH", async () => {
    const { base, folder, find } = setUp();
    mkdirSync(join(base, "bin2"));
    imitation(join(folder, "clang-20"), "20.1.0");
    imitation(join(base, "bin2", "clang"), "15.0.7");
    expect(await find(undefined, `relative:${folder}:${join(base, "bin2")}`)).toEqual({ path: "/bin2/clang", version: "15.0.7" });
  });

  test("a clang that is too old or no BPF compiler gives way to the highest number, and -v says why", async () => {
    const { folder, find, said } = setUp();
    imitation(join(folder, "clang"), "13.0.1");
    executable(
      join(folder, "clang-102"),
      '#!/bin/sh\necho "error: unable to create target: \'No available targets are compatible with triple \\"bpf\\"\'" >&2; exit 1\n',
    );
    executable(join(folder, "clang-101"), "#!/bin/sh\nkill -SEGV $$\n");
    executable(join(folder, "clang-100"), "#!/bin/no-such-interpreter\n");
    imitation(join(folder, "clang-99"), "99.1.0");
    imitation(join(folder, "clang-98"), "98.1.0");
    imitation(join(folder, "clang-format-103"), "103.1.0");
    writeFileSync(join(folder, "clang-103"), "not executable");
    expect(await find()).toEqual({ path: "/bin/clang-99", version: "99.1.0" });
    expect(said.map((message) => message.replace(/(cannot be started: ).*/, "$1…"))).toEqual([
      "clang: /bin/clang is version 13.0.1, older than 14",
      "clang: /bin/clang-102 was built without the BPF target",
      "clang: /bin/clang-101 ended with SIGSEGV on a test program",
      "clang: /bin/clang-100 cannot be started: …",
    ]);
  });

  test("one program under several names is asked once", async () => {
    const { folder, find, said } = setUp();
    imitation(join(folder, "clang-14.real"), "13.0.0");
    symlinkSync("clang-14.real", join(folder, "clang"));
    symlinkSync("clang-14.real", join(folder, "clang-999"));
    await find();
    expect(said[0]).toBe("clang: /bin/clang is version 13.0.0, older than 14");
    expect(starts(join(folder, "clang")) + starts(join(folder, "clang-999"))).toBe(0);
    expect(starts(join(folder, "clang-14.real"))).toBe(1);
  });

  test("a known clang is not started again until its file changes", async () => {
    const { folder, find } = setUp();
    const old = imitation(join(folder, "clang"), "13.0.1");
    const good = imitation(join(folder, "clang-99"), "99.1.0");
    for (let run = 0; run < 3; run++) expect(await find()).toEqual({ path: "/bin/clang-99", version: "99.1.0" });
    expect([starts(old), starts(good)]).toEqual([1, 1]);
    imitation(old, "18.1.8");
    utimesSync(old, 1, 1);
    expect(await find()).toEqual({ path: "/bin/clang", version: "18.1.8" });
    expect([starts(old), starts(good)]).toEqual([2, 1]);
  });

  test("a failure that is not clang's word is not remembered", async () => {
    const { folder, find } = setUp();
    const broken = join(folder, "clang");
    executable(
      broken,
      "#!/bin/sh\n[ -e /does-not-exist ] || { echo 'error while loading shared libraries: libLLVM.so' >&2; exit 127; }\n",
    );
    utimesSync(broken, 1, 1);
    expect((await find(broken)).message).toMatch(/cannot be started: error while loading shared libraries: libLLVM.so$/);
    const { size } = { size: readFileSync(broken).length };
    const repaired = `#!/bin/sh\nprintf '\\t.asciz\\t"19.1.7"\\n'\n#`;
    executable(broken, repaired.padEnd(size, "#"));
    utimesSync(broken, 1, 1);
    expect(await find(broken)).toEqual({ path: "/bin/clang", version: "19.1.7" });
  });
});

describe("a clang that was asked for", () => {
  test("by path or by name on PATH; nothing else is tried", async () => {
    const { folder, find } = setUp();
    imitation(join(folder, "clang"), "19.1.7");
    imitation(join(folder, "mine"), "18.0.0");
    expect(await find(join(folder, "mine"))).toEqual({ path: "/bin/mine", version: "18.0.0" });
    expect(await find("mine")).toEqual({ path: "/bin/mine", version: "18.0.0" });
    imitation(join(folder, "old"), "9.0.0");
    expect([await find("old"), await find("nowhere"), await find(folder)]).toMatchInlineSnapshot(`
      [
        {
          "code": "TSP1502",
          "failure": "compiler-missing",
          "hints": [
            "Name a clang, 14 or newer, with the BPF target, or take the one that comes with tsprobe: --clang embedded",
          ],
          "message": "the clang that was asked for cannot be used: /bin/old is version 9.0.0, older than 14",
        },
        {
          "code": "TSP1502",
          "failure": "compiler-missing",
          "hints": [
            "Name a clang, 14 or newer, with the BPF target, or take the one that comes with tsprobe: --clang embedded",
          ],
          "message": "the clang that was asked for cannot be used: nowhere is not on PATH",
        },
        {
          "code": "TSP1502",
          "failure": "compiler-missing",
          "hints": [
            "Name a clang, 14 or newer, with the BPF target, or take the one that comes with tsprobe: --clang embedded",
          ],
          "message": "the clang that was asked for cannot be used: /bin is not an executable file",
        },
      ]
    `);
  });
});

describe("no clang that can be used: the exact words", () => {
  test("none on PATH", async () => {
    const { find } = setUp();
    expect(await find()).toMatchInlineSnapshot(`
      {
        "code": "TSP1501",
        "failure": "compiler-missing",
        "hints": [
          "Install it: sudo apt-get update && sudo apt-get install -y clang",
          "Or name one (14 or newer) that is not on PATH: TSPROBE_CLANG=/path/to/clang",
        ],
        "message": "no clang was found on this machine",
      }
    `);
  });

  test("an old one, and one in LLVM's own folder that is no better", async () => {
    const { base, folder, find } = setUp();
    imitation(join(folder, "clang"), "11.0.1");
    mkdirSync(join(base, "lib", "llvm-13", "bin"), { recursive: true });
    imitation(join(base, "lib", "llvm-13", "bin", "clang"), "13.0.1");
    expect(await find()).toMatchInlineSnapshot(`
      {
        "code": "TSP1501",
        "failure": "compiler-missing",
        "hints": [
          "Install it: sudo apt-get update && sudo apt-get install -y clang",
          "Tried, and not usable: /bin/clang is version 11.0.1, older than 14; /lib/llvm-13/bin/clang is version 13.0.1, older than 14",
          "Or name one (14 or newer) that is not on PATH: TSPROBE_CLANG=/path/to/clang",
        ],
        "message": "no clang on this machine can compile BPF programs",
      }
    `);
  });

  test("a good one in LLVM's own folder is found without PATH", async () => {
    const { base, find } = setUp();
    for (const version of [9, 19]) {
      mkdirSync(join(base, "lib", `llvm-${version}`, "bin"), { recursive: true });
      imitation(join(base, "lib", `llvm-${version}`, "bin", "clang"), `${version}.1.0`);
    }
    expect(await find(undefined, "")).toEqual({ path: "/lib/llvm-19/bin/clang", version: "19.1.0" });
  });
});
