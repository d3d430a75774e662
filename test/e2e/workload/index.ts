import type { AnyScenario } from "./scenario.js";
import { abandoned } from "./scenarios/abandoned.js";
import { boundClient } from "./scenarios/bound-client.js";
import { clientClosesFirst } from "./scenarios/client-closes-first.js";
import { halfClose } from "./scenarios/half-close.js";
import { ipv6 } from "./scenarios/ipv6.js";
import { ipv6Addresses } from "./scenarios/ipv6-addresses.js";
import { listenerOnly } from "./scenarios/listener-only.js";
import { manyAtOnce } from "./scenarios/many-at-once.js";
import { refused } from "./scenarios/refused.js";
import { reset } from "./scenarios/reset.js";
import { serverClosesFirst } from "./scenarios/server-closes-first.js";
import { simultaneousClose } from "./scenarios/simultaneous-close.js";
import { v4Mapped } from "./scenarios/v4-mapped.js";

/** All scenarios, in the order in which a reader meets TCP's states. */
export const scenarios: readonly AnyScenario[] = [
  listenerOnly,
  clientClosesFirst,
  serverClosesFirst,
  boundClient,
  ipv6,
  ipv6Addresses,
  v4Mapped,
  refused,
  reset,
  halfClose,
  abandoned,
  simultaneousClose,
  manyAtOnce,
];
