import { cutToWidth } from "../diagnostics/width.js";
import { onExit } from "./host.js";
import { currentScript, type Script } from "./script.js";

/** What each script has drawn last on a terminal. */
const drawn = new WeakMap<Script, readonly string[]>();

// Control sequences of xterm, which terminals share: the other screen and the first one; hide and show the cursor; home, clear.
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const CLEAR = "\x1b[H\x1b[J";

/**
 * Shows lines in place of those shown before, for tables that change: on a terminal, on its other screen, as much as fits. At the end
 * of the run the first screen comes back, with what was shown last. When standard output is no terminal, lines are appended,
 * after an empty one. Once the probes are attached.
 * @example every("1s", () => redraw([`${connections.size} connections`]));
 */
export function redraw(lines: readonly string[]): void {
  const { stdout } = process;
  if (stdout.isTTY !== true) {
    stdout.write(`\n${lines.map((line) => `${line}\n`).join("")}`);
    return;
  }
  const script = currentScript();
  if (!drawn.has(script)) {
    stdout.write(ENTER);
    onExit(() => {
      stdout.write(`${LEAVE}${(drawn.get(script) ?? []).map((line) => `${line}\n`).join("")}`);
    });
  }
  drawn.set(script, lines);
  const shown = lines.slice(0, Math.max(1, stdout.rows - 1)).map((line) => `${cutToWidth(line, stdout.columns)}\n`);
  stdout.write(CLEAR + shown.join(""));
}
