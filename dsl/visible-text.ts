/**
 * Names of threads and other texts from the kernel may hold anything, line breaks and terminal escape sequences
 * included. Printed as they are they could forge lines or drive the terminal.
 */

/** Direction overrides and line separators: they change how the rest of the line reads. */
function isDeceptive(unit: number): boolean {
  return (unit >= 0x2028 && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069) || unit === 0x200e || unit === 0x200f;
}

function isHarmless(unit: number): boolean {
  return (unit >= 0x20 && unit < 0x7f) || (unit >= 0xa0 && !isDeceptive(unit));
}

function visibleUnit(unit: number): string {
  if (unit < 0x20) return String.fromCharCode(0x2400 + unit);
  if (unit === 0x7f) return "\u2421";
  return unit < 0x100 ? `\\x${unit.toString(16)}` : `\\u${unit.toString(16)}`;
}

/**
 * A text from the kernel or a process as it can be shown on a terminal: control characters as their Unicode pictures (␊, ␛), other
 * dangerous ones as \xNN or \uNNNN. Tables and `print` do it themselves; for what a script prints with `console.log`.
 * @example console.log(`slowest: ${visibleText(name)}`);
 */
export function visibleText(text: string): string {
  let safe = 0;
  while (safe < text.length && isHarmless(text.charCodeAt(safe))) safe++;
  if (safe === text.length) return text;
  let shown = text.slice(0, safe);
  for (let i = safe; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    shown += isHarmless(unit) ? text.charAt(i) : visibleUnit(unit);
  }
  return shown;
}
