import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** IPv6 between ::1 and itself. */
export const ipv6 = scenario({
  name: "IPv6",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "::1",
      connectTo: "::1",
      closesFirst: "client",
      establishedMs: 50,
      halfClosedMs: 50,
    }),
  expected: conversationStories,
});
