/** Measures the stages of a run for -v. */
export class Stages {
  readonly #report: (line: string) => void;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Runs a stage and says how long it took. */
  async time<T>(name: string, stage: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await stage();
    this.took(name, performance.now() - start);
    return result;
  }

  /** Says how long a stage took that measured itself, in milliseconds. */
  took(name: string, ms: number, remark = ""): void {
    this.#report(`time ${name} ${ms.toFixed(1)} ms${remark}`);
  }
}
