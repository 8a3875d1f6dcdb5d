// Calls to the daemon that served this page.

import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { CatalogService } from "./gen/frontier/v1/catalog_pb";
import { LeaderboardService } from "./gen/frontier/v1/leaderboard_pb";
import { TrendService } from "./gen/frontier/v1/trend_pb";

/** The clients of one token. */
export function connect(token: () => string) {
  const authorize: Interceptor = (next) => (request) => {
    const held = token();
    if (held) request.header.set("authorization", `Bearer ${held}`);
    return next(request);
  };
  const transport = createGrpcWebTransport({ baseUrl: self.location.origin, interceptors: [authorize] });
  return {
    boards: createClient(LeaderboardService, transport),
    catalog: createClient(CatalogService, transport),
    trends: createClient(TrendService, transport),
  };
}

export type Clients = ReturnType<typeof connect>;

/** What went wrong, for people. */
export interface Trouble {
  /** A token is needed, or the one given is not known. */
  unauthenticated: boolean;
  /** Trying the same again may help. */
  passing: boolean;
  message: string;
}

const PASSING = [Code.Unavailable, Code.Unknown, Code.Aborted, Code.Canceled, Code.DeadlineExceeded, Code.ResourceExhausted, Code.Internal];

export function trouble(error: unknown): Trouble {
  const known = ConnectError.from(error);
  const network = known.code === Code.Unknown || (known.code === Code.Internal && known.rawMessage.includes("etch"));
  return {
    unauthenticated: known.code === Code.Unauthenticated,
    passing: PASSING.includes(known.code),
    message: network ? "the daemon does not answer" : known.rawMessage || Code[known.code],
  };
}
