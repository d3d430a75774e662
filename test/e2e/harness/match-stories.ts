import type { SocketStory, Transition } from "../workload/transition.js";
import { type Row, splitIntoLives } from "./rows.js";

export interface MatchOptions {
  /** How much of a difference between two clock readings is rounding, in milliseconds. */
  readonly toleranceMs?: number;
  /** The ports the kernel chooses from (net.ipv4.ip_local_port_range). */
  readonly ephemeral: readonly [number, number];
}

function describeTransition(one: Transition): string {
  return `${one.from} -> ${one.to} ${one.laddr}:${one.lport} ${one.raddr}:${one.rport}`;
}

function describeRow(row: Row): string {
  return `${row.from} -> ${row.to} ${row.laddr}:${row.lport} ${row.raddr}:${row.rport}`;
}

function fits(row: Row, wanted: Transition, ephemeral: readonly [number, number]): boolean {
  const portFits =
    wanted.lport === "ephemeral" ? row.lport >= ephemeral[0] && row.lport <= ephemeral[1] : row.lport === wanted.lport;
  return (
    portFits &&
    row.from === wanted.from &&
    row.to === wanted.to &&
    row.laddr === wanted.laddr &&
    row.raddr === wanted.raddr &&
    row.rport === wanted.rport
  );
}

/**
 * Compares what a tracer showed with what must have happened: as many sockets, each with exactly its transitions in
 * order; pids where TCP fixes them; durations within the script's bounds.
 * @returns one line per difference; none means equal
 */
export function compareWithStories(rows: readonly Row[], stories: readonly SocketStory[], options: MatchOptions): string[] {
  const differences: string[] = [];
  const lives = splitIntoLives(rows);
  const unmatched: SocketStory[] = [];
  for (const story of stories) {
    const index = lives.findIndex(
      (life) =>
        life.length === story.transitions.length &&
        story.transitions.every((wanted, at) => fits(life[at] as Row, wanted, options.ephemeral)),
    );
    if (index === -1) {
      unmatched.push(story);
      continue;
    }
    const [life] = lives.splice(index, 1);
    differences.push(...compareDetails(story, life as Row[], options.toleranceMs ?? 0.002));
  }
  for (const { who, transitions } of unmatched) {
    differences.push(`missing ${who}: ${transitions.map(describeTransition).join(" | ")}`);
  }
  for (const life of lives) differences.push(`unexpected ${life[0]?.sk}: ${life.map(describeRow).join(" | ")}`);
  return differences;
}

function compareDetails(story: SocketStory, life: readonly Row[], toleranceMs: number): string[] {
  const differences: string[] = [];
  story.transitions.forEach((wanted, at) => {
    const row = life[at] as Row;
    if (wanted.pid !== undefined && row.pid !== wanted.pid) {
      differences.push(`${story.who}, ${describeTransition(wanted)}: pid ${row.pid}, not ${wanted.pid}`);
    }
    if (row.ms === undefined) return;
    if (row.ms < wanted.ms.min - toleranceMs || row.ms > wanted.ms.max + toleranceMs) {
      const bounds = `${wanted.ms.min.toFixed(3)} to ${wanted.ms.max.toFixed(3)} ms`;
      differences.push(`${story.who}, ${describeTransition(wanted)}: ${row.ms} ms, not ${bounds}`);
    }
  });
  return differences;
}

/** How many rows these stories have. */
export function countTransitions(stories: readonly SocketStory[]): number {
  return stories.reduce((sum, story) => sum + story.transitions.length, 0);
}
