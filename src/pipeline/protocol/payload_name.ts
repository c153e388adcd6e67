/**
 * Layer: pipeline/protocol. The input of a job is called `payload`. Peers of the
 * first release call it `instructions`. A message has one of the two names,
 * never both, so a payload travels once.
 *
 * @module
 */
import { renameMember } from "../model/former_names.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Members of an answer that are lists of objects with payloads. */
const LISTS = ["jobs", "schedules"] as const;

/**
 * What a payload is called in a message to a peer.
 *
 * @param minor Which additions to the version the peer knows; see `WIRE_MINOR`.
 */
export function payloadName(minor = 0): "payload" | "instructions" {
  return minor >= 1 ? "payload" : "instructions";
}

/** The payload of a message, under either name. */
export function payloadIn(m: Fields): unknown {
  return m.payload === undefined ? m.instructions : m.payload;
}

/** An answer with the names that a peer knows. */
export function answerFor(
  minor: number | undefined,
  answer: Record<string, unknown>,
): Record<string, unknown> {
  const name = payloadName(minor);
  if (name === "payload") return answer;
  const renamed = renameMember(answer, "payload", name);
  for (const list of LISTS) {
    const items = renamed[list];
    if (!Array.isArray(items)) continue;
    renamed[list] = items.map((item) =>
      typeof item === "object" ? renameMember(item, "payload", name) : item
    );
  }
  return renamed;
}
