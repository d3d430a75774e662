import { afterAll, beforeAll, expect, it } from "vitest";
import { requireTool } from "../e2e/harness/requirements.js";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { SDT_HEADER } from "../fixtures/sdt.js";
import { describeInVms, runInOwnVm, scriptPath, tsprobeCommand } from "./harness/vm.js";

/** Calls a function and passes a probe as often as it is told, which has its argument in two ways; says how many page faults it had. */
const SOURCE = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
${SDT_HEADER}
SDT_SEMAPHORE(watched);
__attribute__((noinline)) int work(int a, uint64_t b, char c, char d, char e, char f, int64_t g) {
  __asm__ volatile("" ::: "memory");
  return a - 1;
}
__attribute__((noinline)) void even(int n) { SDT(tsptest, step, watched, "-4@%[n]", [n] "r"(n)); }
__attribute__((noinline)) void odd(int n) { volatile int kept = n; SDT(tsptest, step, watched, "-4@%[n]", [n] "m"(kept)); }
int main(int argc, char **argv) {
  int times = atoi(argv[1]);
  for (int i = 0; i < times; i++) {
    work(-i, 1ull << 40, 0, 0, 0, 0, i * 3);
    (i % 2 ? odd : even)(i);
    getppid();
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%d %ld\\n", *(volatile unsigned short *)&watched, usage.ru_minflt + usage.ru_majflt);
}`;

let program: CProgram | undefined;
beforeAll(() => {
  if (requireTool("gcc")() === undefined) program = compileC(SOURCE, { name: "tsp-vm-user", flags: ["-O1"] });
});
afterAll(() => program?.remove());

// Samples are counted on each of two processors.
const CPUS = 2;
const TIMES = 200;

describeInVms((version) => {
  it("functions, results, USDT probes, page faults and samples are counted rightly", { timeout: 600_000 }, ({ skip }) => {
    if (program === undefined) skip("gcc is not installed");
    const path = (program as CProgram).path;
    const command = tsprobeCommand(["run", "--no-check", scriptPath("scripts/user-programs.ts")], { TSP_PROGRAM: path });
    const { stdout, status } = runInOwnVm(version, CPUS, command);
    expect(status, stdout).toBe(0);
    const line = stdout.split("\n").find((each) => each.startsWith("{")) ?? "";
    const { said, faults, busy, perCpu, ...counts } = JSON.parse(line) as {
      said: string;
      faults: number;
      busy: { own: number; expected: number };
      perCpu: number[];
    };
    const numbers = (TIMES * (TIMES - 1)) / 2;
    expect(counts).toEqual({
      calls: TIMES,
      sum: String(BigInt(TIMES) * (1n << 40n) + BigInt(2 * numbers)),
      results: TIMES,
      resultSum: -numbers - TIMES,
      steps: TIMES,
      stepSum: numbers,
      parents: TIMES,
    });
    const [semaphore, own] = said.split(" ").map(Number);
    expect(semaphore).toBe(2); // one for each place
    // What it has after it looked itself is few; before its own name it had that of this process's child.
    expect(faults).toBeGreaterThan((own as number) * 0.5);
    expect(faults).toBeLessThan((own as number) * 1.5 + 50);
    console.log(
      `${version}: ${busy.own} samples of ${busy.expected.toFixed(0)}; a second and CPU: ${perCpu.map((rate) => rate.toFixed(1)).join(", ")}`,
    );
    // An emulated CPU on a busy machine is late with its timers, never early; lost time makes no samples.
    expect(busy.own).toBeGreaterThan(busy.expected * 0.2);
    expect(busy.own).toBeLessThan(busy.expected * 1.4);
    for (const rate of perCpu) {
      expect(rate).toBeGreaterThan(5);
      expect(rate).toBeLessThan(49 * 1.2);
    }
    expect(stdout).toContain("0 lost");
  });
});
