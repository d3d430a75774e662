import type { SocketStory, Transition } from "../workload/transition.js";
import type { Row } from "./rows.js";

/** What one witness should have shown, and what it showed. */
export interface Account {
  readonly stories: readonly SocketStory[];
  readonly rows: readonly Row[];
}

/** Without the local port, which the kernel may have chosen; the peer's tells sockets apart. */
function nameOf({ from, to, laddr, raddr, rport }: Transition | Row): string {
  return `${from} -> ${to} ${laddr} ${raddr}:${rport}`;
}

/** How often each occurs. */
function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The names that `whole` has more often than `part`. */
function surplus(whole: ReadonlyMap<string, number>, part: ReadonlyMap<string, number>): string[] {
  return [...whole].filter(([name, count]) => count > (part.get(name) ?? 0)).map(([name]) => name);
}

/**
 * The transitions that nobody saw, if that is all that is wrong: each witness who should have shown them lacks them, none
 * lacks anything else or shows anything more, and each was an interrupt's doing.
 * @returns none, if nothing is missing, or something that only some of the witnesses missed, or that a process did
 */
export function unseenByAll(accounts: readonly Account[]): string[] {
  const each = accounts.map(({ stories, rows }) => {
    const wanted = tally(stories.flatMap(({ transitions }) => transitions.map(nameOf)));
    const shown = tally(rows.map(nameOf));
    return { wanted, missing: surplus(wanted, shown), more: surplus(shown, wanted) };
  });
  const missing = [...new Set(each.flatMap((one) => one.missing))];
  const agreed = each.every(
    (one) => one.more.length === 0 && missing.every((name) => one.missing.includes(name) === one.wanted.has(name)),
  );
  const byProcesses = new Set(
    accounts.flatMap(({ stories }) =>
      stories.flatMap(({ transitions }) => transitions.filter(({ pid }) => pid !== undefined).map(nameOf)),
    ),
  );
  return agreed && !missing.some((name) => byProcesses.has(name)) ? missing : [];
}
