import type { HookDeclaration, ProbeDeclaration } from "../dsl/script.js";
import { describeTarget } from "../dsl/targets.js";
import type { KernelInfo } from "../kernel/info.js";
import type { Hook, HookRefusal } from "./hook.js";
import { resolveHook } from "./index.js";

/** An alternative that this kernel does not have. */
export interface PassedOver {
  readonly declaration: HookDeclaration;
  readonly refusal: HookRefusal;
}

/** The first hook of a probe that this kernel has; without one, all are passed over. */
export interface Choice {
  readonly chosen: { readonly declaration: HookDeclaration; readonly hook: Hook } | undefined;
  readonly passedOver: readonly PassedOver[];
}

/** Chooses among the alternatives of `firstOf`; a probe without alternatives has one. */
export function chooseHook(probe: ProbeDeclaration, kernel: KernelInfo): Choice {
  const passedOver: PassedOver[] = [];
  for (const declaration of [probe, ...probe.otherwise]) {
    const resolved = resolveHook(declaration.target, kernel);
    if ("hook" in resolved) return { chosen: { declaration, hook: resolved.hook }, passedOver };
    passedOver.push({ declaration, refusal: resolved.refusal });
  }
  return { chosen: undefined, passedOver };
}

/** For -v: which alternative is used and why; undefined where there was nothing to choose. */
export function describeChoice(probe: ProbeDeclaration, name: string, { chosen, passedOver }: Choice): string | undefined {
  const { otherwise, orNothing } = probe;
  if (otherwise.length === 0 && orNothing === undefined) return undefined;
  const reasons = passedOver.map(({ declaration, refusal }) => `not ${describeTarget(declaration.target)}: ${refusal.message}`);
  if (chosen === undefined) {
    if (orNothing === undefined) return undefined;
    const missing = orNothing.because === undefined ? "" : `: ${orNothing.because}`;
    return `${name}: uses no hook${missing} (${reasons.join("; ")})`;
  }
  return `${name}: uses ${chosen.hook.title}${reasons.length === 0 ? ", the first choice" : ` (${reasons.join("; ")})`}`;
}
