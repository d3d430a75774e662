import { nearestNames } from "../../kernel/nearest.js";
import type { TscError } from "./messages.js";

/**
 * What tsc leaves unsaid about an error that scripts often have.
 * @param word the source text at the place of the error
 */
export function hintsFor(error: TscError, word: string): readonly string[] {
  const { code, text } = error;
  if (code === "TS2339") return nearestMember(text);
  const column = /^Type '"?[^']*' is not assignable to type 'Column<(\{.*\})>'/.exec(text)?.[1];
  if (column !== undefined) return columnHints(word, membersOf(column), text.includes("Did you mean"));
  if (code === "TS2365" && /'(number|bigint|[us](?:8|16|32|64)|ptr)' and '(number|bigint|[us](?:8|16|32|64)|ptr)'/.test(text))
    return ["64-bit values are bigint: write constants with n (1000n), or convert with Number(x) or BigInt(x)"];
  return [];
}

/** tsc itself suggests only names that are very near. */
function nearestMember(text: string): readonly string[] {
  const [, wanted, type] = /^Property '([^']+)' does not exist on type '(\{.*\})'/.exec(text) ?? [];
  if (wanted === undefined || type === undefined) return [];
  const members = membersOf(type);
  const near = nearestNames(wanted, members, 2);
  return [near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the fields are ${members.join(", ")}`];
}

function columnHints(word: string, fields: readonly string[], toldByTsc: boolean): readonly string[] {
  const near = nearestNames(word.replace(/^["'`]|["'`]$/g, ""), fields, 2);
  const other = "other headings and computed cells: { HEADING: (e) => … }";
  if (toldByTsc) return [other];
  return [
    near.length > 0
      ? `did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}?`
      : `the event's fields are ${fields.join(", ")}`,
    other,
  ];
}

/** Names of the members of an object type as tsc prints it, those of the outermost level. */
function membersOf(type: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [, opening, closing, name] of type.matchAll(
    /([{([<])|([})\]>])|(?<=[{;]\s)(?:readonly )?([A-Za-z_$][\w$]*)(?=\??:)/g,
  )) {
    if (opening !== undefined) depth++;
    else if (closing !== undefined) depth--;
    else if (name !== undefined && depth === 1) names.push(name);
  }
  return names;
}
