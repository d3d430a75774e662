import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { tellOwners } from "./harness/owner-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { readCsv } from "./harness/read-csv.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";
import { startTsprobe } from "./harness/tracer-tsprobe.js";
import { type Conversation, conversationStories, converse } from "./workload/conversation.js";
import { scenario } from "./workload/scenario.js";
import { Stage } from "./workload/stage.js";
import { firstSeen, type SocketStory, type Transition } from "./workload/transition.js";

/** The three kinds of traffic, each with a listener port that is known before the tracers start. */
interface Ports {
  readonly v4: number;
  readonly v6: number;
  readonly mapped: number;
}

function conversations(ports: Ports) {
  return scenario<{ ports: number[]; done: Conversation[] }>({
    name: "IPv4, IPv6 and both",
    async run({ client, server }) {
      const common = { closesFirst: "client", establishedMs: 20, halfClosedMs: 20 } as const;
      const done = [
        await converse(client, server, { ...common, listenOn: "127.3.4.20", connectTo: "127.3.4.20", port: ports.v4 }),
        await converse(client, server, { ...common, listenOn: "::1", connectTo: "::1", port: ports.v6 }),
        await converse(client, server, {
          ...common,
          listenOn: "::",
          connectTo: "127.0.0.1",
          port: ports.mapped,
          childSeesMapped: true,
        }),
      ];
      return { ports: Object.values(ports), done };
    },
    expected: ({ done }, kernel) => done.flatMap((one) => conversationStories(one, kernel)),
  });
}

const isIpv6 = (row: Transition) => row.laddr.includes(":");

/** The rows that a filter lets through. The tool counts time between the rows it shows, so a socket's first one has 0. */
function filterStories(stories: readonly SocketStory[], passes: (row: Transition) => boolean): SocketStory[] {
  return stories
    .map(({ who, transitions }) => ({
      who,
      transitions: transitions.filter(passes).map((row, index) => (index === 0 ? { ...row, ms: firstSeen } : row)),
    }))
    .filter(({ transitions }) => transitions.length > 0);
}

describeWhere([requireRoot, requireTracefs, requireBuild], "the filters of probes/tcpstates.ts", () => {
  let stage: Stage;
  let ports: Ports;
  const kernel = { childRowNamesPeer: true };

  beforeAll(async () => {
    Object.assign(kernel, measureKernelWording());
    const [v4, v6, mapped] = [await freePort(), await freePort(), await freePort()];
    ports = { v4, v6, mapped };
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());

  const filters: { flags: (ports: Ports) => string[]; passes: (row: Transition, ports: Ports) => boolean }[] = [
    { flags: () => ["-4"], passes: (row) => !isIpv6(row) },
    { flags: () => ["-6"], passes: isIpv6 },
    { flags: () => ["-4", "-6"], passes: () => true },
    { flags: ({ v4 }) => ["-L", `${v4}`], passes: (row, { v4 }) => row.lport === v4 },
    { flags: ({ v4, v6 }) => ["-L", `${v4},${v6}`], passes: (row, { v4, v6 }) => row.lport === v4 || row.lport === v6 },
    { flags: ({ mapped }) => ["--remoteport", `${mapped}-${mapped}`], passes: (row, { mapped }) => row.rport === mapped },
    {
      flags: ({ v4, mapped }) => ["-6", "-L", `${v4},${mapped}`],
      passes: (row, { mapped }) => isIpv6(row) && row.lport === mapped,
    },
  ];

  test("each shows what it lets through and nothing else", { timeout: 60_000 }, async () => {
    // In two groups: seven Node processes at once are much for a small machine.
    for (const group of [filters.slice(0, 4), filters.slice(4)]) {
      const witnesses = new Witnesses(
        group.map(
          ({ flags }) =>
            () =>
              startTsprobe("json", flags(ports)),
        ),
      );
      await witnesses.open();
      const letThrough = (stories: readonly SocketStory[], index: number) =>
        filterStories(stories, (row) => group[index]?.passes(row, ports) ?? false);
      const { stories: raw, seen } = await playBefore(witnesses, conversations(ports), stage, kernel, { shows: letThrough });
      const stories = tellOwners(raw);
      const ended = await witnesses.close();
      for (const { stderr } of ended) expect(stderr).toMatch(/\b0 lost\b/);
      for (const [index, { flags }] of group.entries()) {
        const expected = letThrough(stories, index);
        const differences = compareWithStories(seen[index]?.rows ?? [], expected, { ephemeral: ephemeralPorts() });
        expect(differences, `${flags(ports).join(" ")}\n${ended[index]?.stderr}`).toEqual([]);
        // A filter that lets nothing through, or all, would prove little.
        const kept = expected.flatMap((story) => story.transitions).length;
        expect(kept).toBeGreaterThan(0);
        if (flags(ports).join(" ") !== "-4 -6") expect(kept).toBeLessThan(stories.flatMap((story) => story.transitions).length);
      }
    }
  });

  test("-T puts the time of day before each row of the table and of CSV", { timeout: 30_000 }, async () => {
    const witnesses = new Witnesses([() => startTsprobe("table", ["-T"]), () => startTsprobe("csv", ["--time"])]);
    await witnesses.open();
    const began = clockSeconds(new Date());
    const { seen } = await playBefore(witnesses, conversations(ports), stage, kernel);
    const ended = clockSeconds(new Date());
    const [table, csv] = (await witnesses.close()).map(({ stdout }) => stdout);
    expect(seen.map(({ rows }) => rows.length)).toEqual([seen[0]?.rows.length, seen[0]?.rows.length]);
    const [header, ...lines] = (table ?? "").split("\n").slice(0, -1);
    expect(header).toMatch(/^TIME +SKADDR +PID +COMM +LADDR +LPORT +RADDR +RPORT +OLDSTATE +-> NEWSTATE +MS$/);
    const [csvHeader, ...csvLines] = readCsv(csv ?? "");
    expect(csvHeader?.[0]).toBe("TIME");
    for (const text of [...lines.map((line) => line.split(" ")[0]), ...csvLines.map((line) => line[0])]) {
      expect(text).toMatch(/^\d\d:\d\d:\d\d$/);
      const [hours = 0, minutes = 0, seconds = 0] = (text ?? "").split(":").map(Number);
      const sinceBegin = (hours * 3600 + minutes * 60 + seconds - Math.floor(began) + 86_400) % 86_400;
      expect(sinceBegin).toBeLessThanOrEqual((ended - Math.floor(began) + 86_400) % 86_400);
    }
  });
});

/** Seconds since local midnight. */
function clockSeconds(date: Date): number {
  return date.getHours() * 3600 + date.getMinutes() * 60 + date.getSeconds() + date.getMilliseconds() / 1000;
}
