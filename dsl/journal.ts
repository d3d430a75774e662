import { refuseDeclaration } from "./declaration-error.js";
import { encodeJournalRecord, type JournalValue, wrongFieldName } from "./journal-record.js";
import { currentScript } from "./script.js";

/**
 * Sends a structured record to systemd's journal, in the host part: `journalctl -o verbose` shows it. It does not wait: what the
 * journal does not take (none runs here, or it is busy) is counted, and told once at the end. In plain Node it does nothing.
 * @param fields MESSAGE is the text that `journalctl` shows; PRIORITY is from 0, emergency, to 7, debug; SYSLOG_IDENTIFIER the name in
 *   front of it; others are free: capitals, digits and underscores
 * @example states.on((e) => journal({ MESSAGE: `${e.from} -> ${e.to}`, PRIORITY: 6, SYSLOG_IDENTIFIER: "tcpstates", PORT: e.lport }));
 */
export function journal(fields: Readonly<Record<string, JournalValue>>): void {
  const wrong = wrongFieldName(fields);
  if (wrong !== undefined)
    refuseDeclaration(
      `journal(): ${JSON.stringify(wrong)} is no name of a field`,
      'begin with a capital and use capitals, digits and underscores, at most 64: "OBJECT_PID"',
    );
  currentScript().journal(encodeJournalRecord(fields));
}
