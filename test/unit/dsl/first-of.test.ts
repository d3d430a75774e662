import { beforeEach, expect, test } from "vitest";
import { firstOf, nothing } from "../../../dsl/first-of.js";
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

test("nothing() is the last alternative, and no probe of its own", () => {
  const stream = firstOf(hook("a:first"), hook("a:second"), nothing("the end is not seen"));
  expect(script.probes).toMatchObject([
    { target: { name: "a:first" }, otherwise: [{ target: { name: "a:second" } }], orNothing: { because: "the end is not seen" } },
  ]);
  expect(stream).toBe(script.streams[0]);
  firstOf(hook("a:third"), nothing());
  expect(script.probes[1]).toMatchObject({ target: { name: "a:third" }, otherwise: [], orNothing: { because: undefined } });
});

test("nothing() before a hook, alone, or in an inner firstOf is refused", () => {
  const refused = (...alternatives: readonly unknown[]) =>
    refusalOf(() => firstOf(...(alternatives as [Probe<object, { name: string }>])));
  expect(refused(nothing(), hook("a:first")).hints).toEqual([
    "write the hooks in the call, and nothing() last: firstOf(fentry(…), kprobe(…))",
  ]);
  expect(refused(nothing()).message).toBe("firstOf(): there is no alternative");
  expect(refused(hook("a:second"), firstOf(hook("a:third"), nothing())).message).toBe(
    "firstOf(): an alternative is no probe of this script, or is an alternative already",
  );
});
