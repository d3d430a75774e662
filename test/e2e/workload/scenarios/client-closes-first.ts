import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** The plain case. Server and client have different addresses, so that exchanging them is noticed. */
export const clientClosesFirst = scenario({
  name: "IPv4, closed by the client first",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "127.3.4.5",
      connectTo: "127.3.4.5",
      closesFirst: "client",
      establishedMs: 100,
      halfClosedMs: 80,
    }),
  expected: conversationStories,
});
