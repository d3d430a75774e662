import { holdsLong } from "../ir/long.js";
import type { HandlerFunction, IrModule, Site, Stmt } from "../ir/nodes.js";
import { visitModule, visitStatements } from "../ir/walk.js";
import type { CounterSite } from "../program.js";

/** Slots of `tsp_counters`: the list for the runtime, and the index of each site for the C printer. */
export interface SiteTable {
  readonly counters: readonly CounterSite[];
  readonly indexOf: (site: Site) => number;
}

const scratchSites = new WeakMap<HandlerFunction, Site>();

/** Where runs of a handler are counted that found no scratch memory (emit/scratch.ts). */
export function scratchSite(handler: HandlerFunction): Site {
  const site = scratchSites.get(handler) ?? Object.freeze({ reason: "nested", span: handler.span, subject: handler.name });
  scratchSites.set(handler, site);
  return site;
}

/** Whether a handler, or a helper it calls, makes a value that is too large for the stack. */
function needsScratch(handler: HandlerFunction): boolean {
  let found = false;
  const visit = (body: readonly Stmt[]): void =>
    visitStatements(
      body,
      () => {},
      (expr) => {
        found ||= holdsLong(expr.type);
        if (expr.kind === "call") visit(expr.helper.body);
      },
    );
  visit(handler.body);
  return found;
}

/** Gives each place that counts a slot; the same place in several instances of a helper shares one. */
export function numberSites(module: IrModule): SiteTable {
  const counters: CounterSite[] = [];
  const byKey = new Map<string, number>();
  const keyOf = ({ reason, span, subject }: Site) => `${reason} ${span.file.path}:${span.start}-${span.end} ${subject}`;
  const add = (site: Site | undefined) => {
    if (site === undefined || byKey.has(keyOf(site))) return;
    byKey.set(keyOf(site), counters.length);
    counters.push(Object.freeze({ reason: site.reason, span: site.span, subject: site.subject }));
  };
  for (const handler of module.handlers) if (needsScratch(handler)) add(scratchSite(handler));
  visitModule(
    module,
    (s) => "site" in s && add(s.site),
    (expr) => {
      if ("zero" in expr) add(expr.zero);
      if ("replaced" in expr) add(expr.replaced);
      if ("site" in expr) add(expr.site);
    },
  );
  return {
    counters: Object.freeze(counters),
    indexOf: (site) => {
      const index = byKey.get(keyOf(site));
      if (index === undefined) throw new Error(`a site of ${site.subject} was not numbered`);
      return index;
    },
  };
}
