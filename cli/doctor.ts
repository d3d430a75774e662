import { CHECKS, type Finding } from "./doctor-checks.js";
import { failureExits } from "./exit.js";
import type { OwnFlags } from "./flags.js";
import { createStyle, decideColor } from "./style.js";

/** `tsprobe doctor`: what this machine offers; the exit code says whether tcpstates can run. */
export async function doctor(own: OwnFlags): Promise<number> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(await check());
  const fatal = findings.find((finding) => !finding.ok && finding.required !== undefined);
  const code = fatal?.required === undefined ? 0 : failureExits[fatal.required].code;
  if (own.json)
    process.stdout.write(`${JSON.stringify({ canTrace: code === 0, exitCode: code, checks: findings.map(forJson) })}\n`);
  else process.stdout.write(`${asText(findings, own)}\n`);
  return code;
}

/** Cost and remedy only where there is something to mend. */
function forJson({ id, title, ok, found, required, cost, mend }: Finding): object {
  return { id, title, ok, required: required !== undefined, found, ...(ok ? {} : { cost, mend }) };
}

function asText(findings: readonly Finding[], own: OwnFlags): string {
  const style = createStyle(decideColor(own.color, process.stdout, process.env));
  const width = Math.max(...findings.map(({ title }) => title.length));
  const lines = findings.flatMap(({ title, ok, found, cost, mend, required }) => {
    const mark = ok ? style.green("✓") : required === undefined ? style.yellow("✗") : style.red("✗");
    const head = `${mark} ${title.padEnd(width)}  ${found}`;
    const indent = " ".repeat(width + 4);
    return ok
      ? [head]
      : [
          head,
          ...(cost === undefined ? [] : [`${indent}costs: ${cost}`]),
          ...(mend === undefined ? [] : [`${indent}mend:  ${mend}`]),
        ];
  });
  const fatal = findings.filter(({ ok, required }) => !ok && required !== undefined);
  lines.push("", fatal.length === 0 ? style.green("tsprobe can trace here.") : style.red(refusal(fatal)));
  return lines.join("\n");
}

/** Where some scripts run all the same, it must not say that none does. */
function refusal(fatal: readonly Finding[]): string {
  const [first, ...others] = new Set(fatal.map(({ runs }) => runs));
  return first === undefined || others.length > 0
    ? "tsprobe cannot trace here yet: mend what is marked above."
    : `tcpstates cannot run here yet, though ${first}: mend what is marked above.`;
}
