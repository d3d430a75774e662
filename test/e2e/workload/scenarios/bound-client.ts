import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** bind() before connect(): the local port is known in the first row already. */
export const boundClient = scenario({
  name: "IPv4, client bound before connect",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "127.3.4.7",
      connectTo: "127.3.4.7",
      clientAddress: "127.9.8.7",
      closesFirst: "client",
      establishedMs: 20,
      halfClosedMs: 20,
    }),
  expected: conversationStories,
});
