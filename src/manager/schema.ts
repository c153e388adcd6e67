/**
 * Layer: manager. What a schema is: the part of Standard Schema
 * (https://standardschema.dev) that the manager uses. Types only.
 *
 * @module
 */

import type { SchemaIssue } from "../errors.ts";

/** A schema of any library that keeps to Standard Schema: zod, valibot, arktype and others. */
export interface Schema<T = unknown> {
  /** What such a library offers to others. */
  readonly "~standard": {
    /** The version of Standard Schema. */
    readonly version: 1;
    /** The library's name. */
    readonly vendor: string;
    /** Checks a value, and may change it on the way. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<T> | Promise<SchemaResult<T>>;
    /** For TypeScript alone: what goes in and what comes out. */
    readonly types?:
      | { readonly input: unknown; readonly output: T }
      | undefined;
  };
}

/** What a schema says of a value. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };
