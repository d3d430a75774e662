import { currentScript } from "./script.js";

/** What `--format` offers. */
export const OUTPUT_FORMATS = ["table", "json", "csv"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/**
 * The format of the run's output: for scripts that print something of their own.
 * @param unlessGiven what it shall be when `--format` was not given: for a script's own flag, such as `--csv`
 * @example if (outputFormat() === "table") console.log(drawn); else print(latency);
 */
export function outputFormat(unlessGiven?: OutputFormat): OutputFormat {
  const script = currentScript();
  script.format ??= unlessGiven;
  return script.format ?? "table";
}
