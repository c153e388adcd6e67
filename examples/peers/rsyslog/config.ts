/**
 * Example `rsyslog`: the configuration of an rsyslog that takes lines from a
 * PUSH, and sends them on, as JSON, to a PULL. Debian has what it needs for this
 * in the package `rsyslog-czmq`.
 *
 * @module
 */

/** What rsyslog connects to, and the certificates with which it does. */
export interface Relay {
  /** The PUSH that has lines for it. */
  readonly source: string;
  /** The PULL that gets them. */
  readonly target: string;
  /** Its own certificate, with the secret key. */
  readonly ownCertificate: string;
  /** The certificate of both sockets, without it. */
  readonly serverCertificate: string;
}

/** The text of the configuration file. In an endpoint, `>` is to connect, `@` to bind. */
export function relayConfig(relay: Relay): string {
  const curve = `authType="CURVECLIENT"
  clientCertPath="${relay.ownCertificate}"
  serverCertPath="${relay.serverCertificate}"`;
  return `
module(load="imczmq"
  ${curve})
module(load="omczmq"
  ${curve})

template(name="record" type="list" option.jsonf="on") {
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="message" name="msg" position.from="2" format="jsonf")
}

ruleset(name="relay") {
  action(type="omczmq" socktype="PUSH" endpoints=">${relay.target}"
    template="record" sendhwm="1000")
}

input(type="imczmq" socktype="PULL" endpoints=">${relay.source}"
  ruleset="relay")
`;
}
