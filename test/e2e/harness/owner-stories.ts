import type { SocketStory, Transition } from "../workload/transition.js";

/** What tsprobe's tcpstates shows as the owner of a socket that it does not know one of. */
export const UNKNOWN_OWNER = 0;

/**
 * The stories as tsprobe's tcpstates tells them. The kernel's own rows name whoever ran, and have no local port until one is chosen;
 * ours name the process that called connect() or listen(), of a listener's child the one that accepted it, and have the port.
 */
export function tellOwners(stories: readonly SocketStory[]): SocketStory[] {
  return stories.map(({ who, transitions }) => {
    const isChild = transitions[0]?.from === "LISTEN" && transitions[0].to === "SYN_RECV";
    const owner = transitions.find(({ pid }) => pid !== undefined)?.pid;
    return {
      who,
      transitions: transitions.map((row, at) =>
        withOwner(withPort(row, transitions[at + 1]), isChild && at < 2 ? UNKNOWN_OWNER : owner),
      ),
    };
  });
}

function withOwner(row: Transition, owner: number | undefined): Transition {
  const { pid: _, ...rest } = row;
  return owner === undefined ? rest : { ...rest, pid: owner };
}

function withPort(row: Transition, next: Transition | undefined): Transition {
  return row.to === "SYN_SENT" && row.lport === 0 && next !== undefined ? { ...row, lport: next.lport } : row;
}
