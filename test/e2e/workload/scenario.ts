import type { ActorOptions, Stage } from "./stage.js";
import type { SocketStory } from "./transition.js";

/** How this kernel words what it reports; measured by harness/kernel-wording.ts, not guessed from a version. */
export interface KernelWording {
  /**
   * Whether the row LISTEN → SYN_RECV of a new child carries the child's own addresses. Kernels up to at least 6.12
   * change the state at the top of inet_csk_clone_lock(), when the clone still holds the listener's.
   */
  readonly childRowNamesPeer: boolean;
}

export interface ScenarioResult {
  /** Every row of this scenario has one of these as local or remote port. */
  readonly ports: readonly number[];
}

/** Traffic whose effect on TCP's states is known beforehand. */
export interface Scenario<R extends ScenarioResult = ScenarioResult> {
  readonly name: string;
  run(stage: Stage, options: ActorOptions): Promise<R>;
  /** What a tracer must show, from TCP's rules and from what `run` did. */
  expected(result: R, kernel: KernelWording): SocketStory[];
}

/** A scenario whose result type is of no interest to those who only run it. */
export type AnyScenario = {
  readonly name: string;
  /** Runs it and returns what to filter by and what to expect. */
  play(stage: Stage, options: ActorOptions): Promise<ScenarioResult & { expected(kernel: KernelWording): SocketStory[] }>;
};

export function scenario<R extends ScenarioResult>(definition: Scenario<R>): AnyScenario {
  return {
    name: definition.name,
    async play(stage, options) {
      const result = await definition.run(stage, options);
      return { ports: result.ports, expected: (kernel) => definition.expected(result, kernel) };
    },
  };
}
