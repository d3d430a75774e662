import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** The child of the listener closes actively: FIN_WAIT1 and FIN_WAIT2 on the listener's port. */
export const serverClosesFirst = scenario({
  name: "IPv4, closed by the server first",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "127.3.4.6",
      connectTo: "127.3.4.6",
      closesFirst: "server",
      establishedMs: 60,
      halfClosedMs: 60,
    }),
  expected: conversationStories,
});
