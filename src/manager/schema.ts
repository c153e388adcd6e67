/**
 * Layer: manager. Schemas: the part of Standard Schema
 * (https://standardschema.dev) that the manager uses. Types only.
 *
 * @module
 */

import type { SchemaIssue } from "../errors.ts";

/** A schema of any library that implements Standard Schema: zod, valibot, arktype and others. */
export interface Schema<T = unknown> {
  /** The interface of Standard Schema. */
  readonly "~standard": {
    /** The version of Standard Schema. */
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Validates a value, and may transform it. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<T> | Promise<SchemaResult<T>>;
    /** For TypeScript only: the types of input and output. */
    readonly types?:
      | { readonly input: unknown; readonly output: T }
      | undefined;
  };
}

/** The result of a validation. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };
