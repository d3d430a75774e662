export const colorModes = ["auto", "always", "never"] as const;
export type ColorMode = (typeof colorModes)[number];

/**
 * Whether to write colours to a stream: `--color` decides, then FORCE_COLOR (as Node reads it), then NO_COLOR
 * (https://no-color.org), then whether the stream is a terminal that can show them.
 */
export function decideColor(
  mode: ColorMode,
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (mode !== "auto") return mode === "always";
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (refused !== undefined && refused !== "") return false;
  return stream.isTTY === true && terminal !== "dumb";
}

type Paint = (text: string) => string;

/** Ways to emphasise text; all leave it as it is when colours are off. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly underline: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** SGR codes that begin and end each emphasis (ECMA-48 8.3.117). */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** The style for a stream. */
export function createStyle(enabled: boolean): Style {
  const paint = ([begin, end]: readonly [number, number]): Paint =>
    enabled ? (text) => `\x1b[${begin}m${text}\x1b[${end}m` : (text) => text;
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    underline: paint(CODES.underline),
    red: paint(CODES.red),
    green: paint(CODES.green),
    yellow: paint(CODES.yellow),
    cyan: paint(CODES.cyan),
  };
}
