import type { KernelFunction } from "../kernel/functions.js";
import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import type { HookRefusal } from "./hook.js";

/** No function of that name can be found. */
export function unknownFunction(name: string, kernel: KernelInfo): HookRefusal {
  const near = nearestNames(name, kernel.functionNames(), 3);
  return {
    code: "TSP3006",
    failure: "name",
    message: `this kernel (${kernel.release}) has no function ${name}`,
    hints: [
      ...(near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : []),
      "a function that the compiler has put into its callers (inlined) is not there any more: probe one that calls it",
    ],
    culprit: name,
  };
}

/** What works where neither functions can be hooked. @param also what does not work either, and why */
export function alternativesFor(name: string, also: string, kernel: KernelInfo): readonly string[] {
  const [family = ""] = name.replace(/^_+/, "").split(/[_*]/, 1);
  const related = kernel.rawTracepointNames().filter((raw) => family !== "" && raw.startsWith(`${family}_`));
  const shown = related.slice(0, 5).join(", ");
  const examples = related.length === 0 ? "" : `; those of ${family} are ${shown}${related.length > 5 ? " and more" : ""}`;
  return [`${also}; raw tracepoints and tracepoints do${examples}`];
}

/** fentry and fexit on a function that only the symbols know. */
export function undescribed({ name }: KernelFunction): HookRefusal {
  return {
    code: "TSP3008",
    failure: "name",
    message: `the kernel's type information does not describe the function ${name}`,
    hints: [`fentry and fexit need that: use kprobe("${name}", …), which gives its arguments as arg0, arg1 and so on`],
    culprit: name,
  };
}
