/**
 * Example `elastic`: what nodes send to the front.
 *
 * @module
 */
import * as z from "zod";

/** A node comes, or wants to go. */
export const instruction = z.object({
  action: z.enum(["join", "leave"]),
  /** Its name, which its socket in the front gets, too. */
  node: z.string().min(1),
  /** Where it takes tasks, such as `tcp://127.0.0.1:53412`. */
  address: z.string(),
});

/** What {@link instruction} checks. */
export type Instruction = z.infer<typeof instruction>;
