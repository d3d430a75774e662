/** A free variable of a kernel function, read lazily: after the module has run, so order of declaration does not matter. */
export type Thunk = () => unknown;

/** What the bundler attaches to a kernel function. */
export interface CaptureMark {
  /** Finds the syntax tree in the compiler's capture records. */
  readonly id: string;
  readonly environment: Readonly<Record<string, Thunk>>;
}

const marks = new WeakMap<object, CaptureMark>();

/** Inserted by the bundler around each kernel function; scripts never call it. */
export function markKernelFunction<F extends object>(fn: F, id: string, environment: Readonly<Record<string, Thunk>>): F {
  marks.set(fn, { id, environment });
  return fn;
}

/** The mark of a function, if it went through the bundler. */
export function captureMarkOf(fn: object): CaptureMark | undefined {
  return marks.get(fn);
}
