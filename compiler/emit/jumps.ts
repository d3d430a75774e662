/** What `break` and `continue` can refer to while C is printed. */
interface Open {
  readonly id: number;
  /** Whether C's own `break` leaves it, and C's own `continue` begins its next round. */
  readonly breaks: boolean;
  readonly continues: boolean;
  /** A plain block lets C's own jumps pass. */
  readonly block: boolean;
}

/** A jump as the script has it. */
export interface Jump {
  readonly kind: "break" | "continue";
  readonly target: number;
}

/** C labels of what is printed: C's own `break` and `continue` where they mean the same, else `goto`. */
export class Jumps {
  readonly #open: Open[] = [];
  readonly #used = new Set<string>();

  /** Prints what is inside of a target. */
  within(target: Open, print: () => void): void {
    this.#open.push(target);
    print();
    this.#open.pop();
  }

  /** The C of a jump; undefined when its target is outside of what is printed here. */
  text({ kind, target }: Jump): string | undefined {
    const at = this.#open.findIndex((open) => open.id === target);
    const found = this.#open[at];
    if (found === undefined) return undefined;
    const between = this.#open.slice(at + 1).filter((open) => !open.block);
    if (kind === "break" && found.breaks && between.every((open) => !open.breaks)) return "break;";
    if (kind === "continue" && found.continues && between.every((open) => !isLoop(open))) return "continue;";
    const label = labelOf({ kind, target });
    this.#used.add(label);
    return `goto ${label};`;
  }

  /** The label's line, when something jumps there. */
  label(jump: Jump): string | undefined {
    return this.#used.has(labelOf(jump)) ? `${labelOf(jump)}:;` : undefined;
  }
}

/** A switch passes `continue` on. */
const isLoop = (open: Open): boolean => open.breaks && open.continues;

const labelOf = ({ kind, target }: Jump): string => `tsp_${kind === "break" ? "after" : "next"}${target}`;
