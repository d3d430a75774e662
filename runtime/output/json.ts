import { jsonText } from "./json-text.js";
import type { OutputParts } from "./maker.js";
import type { Output } from "./output.js";
import { placeText } from "./place.js";
import { stateObjects } from "./state/records.js";
import { type RunSummary, totalLost } from "./summary.js";

/**
 * One JSON object a line. `type` tells what it is; readers should skip types they do not know:
 * - `{"type":"event","name":"states","data":{…}}`: the event as the script's callbacks get it (see jsonText)
 * - `{"type":"lost","name":"states","count":5,"where":"tcpstates.ts:30:3"}`: so many more events were lost
 * - `{"type":"hist","name":"latency",…}`: a map or aggregation (see state/records.ts)
 * - `{"type":"summary",…}`: the last line
 * Shown are the streams that the table format would show, each event once however many tables its stream has.
 */
export function createJsonOutput({ sink, tables }: OutputParts): Output {
  const beginnings = new Map(tables.map(({ stream, name }) => [stream, `{"type":"event","name":${jsonText(name)},"data":`]));
  return {
    start() {},
    event(stream, event) {
      const beginning = beginnings.get(stream);
      if (beginning !== undefined) sink.line(`${beginning}${jsonText(event)}}`);
    },
    state(record) {
      for (const each of stateObjects(record)) sink.line(jsonText(each));
    },
    lost: (record) => sink.line(jsonText({ type: "lost", ...record })),
    summary: (summary) => sink.line(jsonText(summaryRecord(summary))),
    flush: () => sink.flush(),
  };
}

function summaryRecord({
  delivered,
  durationMs,
  counters,
  missedRuns,
  missedHits = [],
  hostDropped,
  discarded = 0,
  workingDirectory,
}: RunSummary): object {
  return {
    type: "summary",
    delivered,
    durationMs,
    lost: totalLost({ counters, hostDropped }),
    hostDropped,
    discarded,
    counters: counters
      .filter(({ count }) => count > 0n)
      .map(({ site, count }) => ({
        reason: site.reason,
        name: site.subject,
        count,
        where: placeText(site.span, workingDirectory),
      })),
    missedRuns: missedRuns.filter(({ count }) => count > 0n),
    ...(missedHits.length === 0 ? {} : { missedHits: missedHits.map(({ probe, count = null }) => ({ probe, count })) }),
  };
}
