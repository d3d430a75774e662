import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** A line of a stack trace. */
export interface Frame {
  /** As printed, without "at". */
  readonly text: string;
  readonly path: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** A bundle as far as it takes part in stack traces. */
export interface BundlePlace {
  readonly path: string;
  readonly map: object;
}

/**
 * The frames of a stack trace, those of the bundle as places in the original files. Node maps them itself where
 * source maps were on in time; what it left is mapped here. Frames without a file (native code) are left out.
 */
export function framesOf(stack: string, bundle: BundlePlace | undefined): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split("\n")) {
    const match = /^\s+at (?:async )?(?:(.*) \()?((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/.exec(line);
    if (match === null) continue;
    const [, name, place, row, column] = match as unknown as [string, string | undefined, string, string, string];
    const path = place.startsWith("file:") ? fileURLToPath(place) : place;
    frames.push(frame(name, toOriginal({ path, line: Number(row), column: Number(column) }, bundle)));
  }
  return frames;
}

type Place = Pick<Frame, "path" | "line" | "column">;

function frame(name: string | undefined, place: Place): Frame {
  const where = `${place.path}:${place.line}:${place.column}`;
  return { ...place, text: name === undefined || name === "<anonymous>" ? where : `${name} (${where})` };
}

function toOriginal(place: Place, bundle: BundlePlace | undefined): Place {
  if (place.path !== bundle?.path) return place;
  const map = new SourceMap(bundle.map as ConstructorParameters<typeof SourceMap>[0]);
  const found = map.findEntry(place.line - 1, place.column - 1);
  if (!("originalSource" in found) || !found.originalSource) return place;
  return { path: fileURLToPath(found.originalSource), line: found.originalLine + 1, column: found.originalColumn + 1 };
}
