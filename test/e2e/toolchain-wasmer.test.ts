import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { embeddedCompiler } from "../../compiler/clang/embedded.js";
import { cc1Arguments } from "../../compiler/clang/flags.js";
import { type ClangArtifact, findArtifact } from "../../compiler/clang/wasm/artifact.js";
import { readSections } from "../unit/compiler/clang/embedded-elf.js";
import { bundleHost } from "../unit/compiler/clang/embedded-support.js";
import { npmInstall } from "./harness/npm-install.js";
import { withTempDir } from "./harness/temp-dir.js";

const training = new URL("../../toolchain/clang-wasm/train/", import.meta.url).pathname;

describe("the module is a plain WASI command", () => {
  test("@wasmer/cli runs it, with the same result", { timeout: 300_000 }, (context) =>
    withTempDir(async (directory) => {
      const unreachable = npmInstall(directory, ["@wasmer/cli@0.12.0"], ["--ignore-scripts"]);
      if (unreachable !== undefined) context.skip(unreachable);
      const artifact = findArtifact() as ClangArtifact;
      const module = join(directory, "clang-bpf.wasm");
      writeFileSync(module, brotliDecompressSync(readFileSync(artifact.path)));
      cpSync(training, directory, { recursive: true });
      const compiler = embeddedCompiler({
        artifact,
        cacheDir: { path: directory, fallback: false },
        host: bundleHost(directory),
      });
      try {
        for (const name of readdirSync(training)) {
          const output = join(directory, `${name}.o`);
          // Its standard streams are not ours to take over: files instead.
          const args = cc1Arguments().slice(0, -5).concat("-o", output, "-x", "c", join(directory, name));
          const command = [
            "--liftoff-only",
            join(directory, "node_modules/@wasmer/cli/bin/wasmer-js"),
            "run",
            module,
            `--dir=${directory}`,
            "--",
          ];
          const run = spawnSync(process.execPath, [...command, ...args], { encoding: "utf8", cwd: directory });
          expect(run.stderr.trim()).toBe("");
          const expected = await compiler.compile({ text: readFileSync(join(training, name), "utf8"), files: [] });
          if (!expected.ok) throw new Error(expected.output);
          const [mine, its] = [expected.object, readFileSync(output)].map((object) => codeOf(Buffer.from(object)));
          expect(its).toEqual(mine);
        }
      } finally {
        await compiler.stop?.();
      }
    }),
  );
});

/** Code, relocations, maps and licence; BTF and DWARF name the source file, which here has another name. */
function codeOf(object: Buffer): [string, string][] {
  return readSections(object)
    .filter(({ name }) => !/^\.(debug|rel\.debug|BTF|rel\.BTF|strtab|symtab|llvm)/.test(name))
    .map(({ name, bytes }) => [name, bytes.toString("hex")]);
}
