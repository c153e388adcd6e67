/**
 * Layer: pipeline/telemetry. Finds OpenTelemetry, which is there only where the
 * program has installed `@opentelemetry/api`. It sets nothing up: where spans
 * and metrics go is for the program to say, with an SDK.
 *
 * @module
 */
import type * as OpenTelemetry from "@opentelemetry/api";

/** What `@opentelemetry/api` exports. */
export type Api = typeof OpenTelemetry;

/** Whether anybody records metrics; what is made before stays without. */
export function isMeasured({ metrics, createNoopMeter }: Api): boolean {
  return metrics.getMeter("") !== createNoopMeter?.(); // older ones tell nothing
}

/**
 * Makes something that tells OpenTelemetry, where there is one.
 *
 * @param make Makes it.
 * @returns `undefined` where there is none.
 */
export async function loadTelemetry<T>(
  make: (api: Api) => T,
): Promise<T | undefined> {
  let api: Api;
  try {
    // Right here: bundlers leave out what they do not find only within a try.
    api = await import("@opentelemetry/api");
  } catch {
    // Most programs have none; and one that cannot be loaded stops no job.
    return undefined;
  }
  return make(api);
}
