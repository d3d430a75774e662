/**
 * Which tasks the handlers of a program see: each part that is given must hold for the task that the kernel runs at the moment
 * (current), whatever the hook. In an interrupt that is whatever task was interrupted.
 */
export interface TaskFilters {
  /** Process id. */
  readonly pid?: number;
  /** Name of the thread, at most 15 bytes. */
  readonly comm?: string;
  readonly uid?: number;
  /** A cgroup (v2) and all below it: its id, and how far below the root it is. */
  readonly cgroup?: { readonly id: bigint; readonly level: number };
  /** Inode number of a network namespace. */
  readonly netns?: number;
  /** The processes whose ids are in the map tsp_tasks, and those they start. */
  readonly family?: boolean;
}

export const NO_FILTERS: TaskFilters = Object.freeze({});

/**
 * Map of the processes of a command and its descendants; keys are process ids. The value of the command's own is 0 until it executes
 * its program: before that it is a shell of ours that waits.
 */
export const FAMILY_MAP = "tsp_tasks";

export function hasFilters(filters: TaskFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined && value !== false);
}
