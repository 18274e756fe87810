import { type FakeServer, type FakeServerOptions, startFakeServer } from "./fake-server.ts";
import { badGatewayPage, welcomePage } from "./fault.ts";
import { textAnswer } from "./server-answer.ts";

/** Options of {@link startHtmlServer}. */
export interface HtmlServerOptions extends FakeServerOptions {
  /** A web page (200), or a proxy's page in front of a dead upstream (502). @defaultValue "page" */
  readonly kind?: "page" | "bad-gateway";
}

/** What stands behind a wrong port: a web server that answers every path with HTML. */
export function startHtmlServer(options: HtmlServerOptions = {}): Promise<FakeServer> {
  const answer =
    options.kind === "bad-gateway"
      ? textAnswer(badGatewayPage, "text/html", 502)
      : textAnswer(welcomePage, "text/html; charset=utf-8");
  return startFakeServer(() => answer, options);
}
