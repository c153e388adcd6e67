/**
 * Test support. The index of the clauses that the ZeroMQ RFCs ask an
 * implementation to keep to.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";
import { RFC_23 } from "./rfc_23.ts";
import { RFC_24, RFC_25 } from "./rfc_24_25.ts";
import { RFC_26 } from "./rfc_26.ts";
import { RFC_27 } from "./rfc_27.ts";
import { RFC_28 } from "./rfc_28.ts";
import { RFC_29 } from "./rfc_29.ts";
import { RFC_30 } from "./rfc_30.ts";
import { RFC_31 } from "./rfc_31.ts";
import { RFC_37 } from "./rfc_37.ts";
import { RFC_45 } from "./rfc_45.ts";
import { RFC_41, RFC_48, RFC_49, RFC_51, RFC_52 } from "./rfc_drafts.ts";

/** All of them, by their numbers. */
export const RFCS: readonly Rfc[] = [
  RFC_23,
  RFC_24,
  RFC_25,
  RFC_26,
  RFC_27,
  RFC_28,
  RFC_29,
  RFC_30,
  RFC_31,
  RFC_37,
  RFC_41,
  RFC_45,
  RFC_48,
  RFC_49,
  RFC_51,
  RFC_52,
];
