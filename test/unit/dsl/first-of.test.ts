import { beforeEach, expect, test } from "vitest";
import { firstOf } from "../../../dsl/first-of.js";
import type { Probe } from "../../../dsl/probe.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { tracepoint } from "../../../dsl/tracepoint.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

const hook = (name: string) => tracepoint(name as never, () => ({ name })) as Probe<object, { name: string }>;

test("alternatives are one probe, in their order, with the first's stream", () => {
  const other = hook("a:other");
  const [first, second, third] = [hook("a:first"), hook("a:second"), hook("a:third")];
  const stream = firstOf(first, second, third);
  expect(stream).toBe(first);
  expect(script.probes).toMatchObject([
    { target: { name: "a:other" }, stream: script.streams.indexOf(other as never), otherwise: [] },
    {
      target: { name: "a:first" },
      stream: script.streams.indexOf(first as never),
      otherwise: [{ target: { name: "a:second" } }, { target: { name: "a:third" } }],
    },
  ]);
});

test("a probe can be an alternative once", () => {
  const probe = hook("a:first");
  firstOf(probe, hook("a:second"));
  expect(refusalOf(() => firstOf(hook("a:third"), hook("a:second"), script.streams[1] as never)).message).toBe(
    "firstOf(): an alternative is no probe of this script, or is an alternative already",
  );
});
