import { expect, it } from "vitest";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";
import type { Btf } from "../../../kernel/btf.js";
import { perCpuDistance } from "../../../kernel/per-cpu.js";
import { preemptCountSlots } from "../../../runtime/preempt-count.js";

const types = [
  { kind: "void" },
  { kind: "var", name: "runqueues" },
  { kind: "var", name: "__preempt_count" },
  {
    kind: "datasec",
    name: ".data",
    variables: [
      { type: 1, offset: 1 },
      { type: 2, offset: 2 },
    ],
  },
  {
    kind: "datasec",
    name: ".data..percpu",
    variables: [
      { type: 2, offset: 86_064 },
      { type: 1, offset: 178_752 },
    ],
  },
];
const btf = { typeCount: types.length - 1, type: (id: number) => types[id] } as unknown as Btf;

it("the distance of two per-CPU variables, of either sign", () => {
  expect(perCpuDistance(btf, "runqueues", "__preempt_count")).toBe(86_064 - 178_752);
  expect(perCpuDistance(btf, "__preempt_count", "runqueues")).toBe(178_752 - 86_064);
  expect(perCpuDistance(btf, "runqueues", "pcpu_hot")).toBeUndefined();
});

it("the constant of inInterrupt(): 0 where the kernel does not tell", () => {
  const value = (open: () => Btf) => Buffer.from(preemptCountSlots(open)[0]?.bytes ?? []).readBigInt64LE();
  expect(value(() => btf)).toBe(86_064n - 178_752n);
  expect(value(() => ({ ...btf, typeCount: 2, type: btf.type }) as Btf)).toBe(0n);
  const refuse = () => {
    throw new DiagnosticError({ code: "TSP1211", failure: "kernel", severity: "error", message: "none" });
  };
  expect(value(refuse)).toBe(0n);
});
