/**
 * Layer: pipeline/telemetry. Loads OpenTelemetry, if the program has installed
 * `@opentelemetry/api`. It configures nothing: the program decides with an SDK
 * where spans and metrics go.
 *
 * @module
 */
import type * as OpenTelemetry from "@opentelemetry/api";

/** What `@opentelemetry/api` exports. */
export type Api = typeof OpenTelemetry;

/** Whether metrics are recorded; instruments that were created before stay without. */
export function isMeasured({ metrics, createNoopMeter }: Api): boolean {
  return metrics.getMeter("") !== createNoopMeter?.(); // older versions do not reveal it
}

/**
 * Creates something with OpenTelemetry, if that is installed.
 *
 * @param make Creates it.
 * @returns `undefined` without OpenTelemetry.
 */
export async function loadTelemetry<T>(
  make: (api: Api) => T,
): Promise<T | undefined> {
  let api: Api;
  try {
    // Within the try: only there do bundlers tolerate a missing module.
    api = await import("@opentelemetry/api");
  } catch {
    // Most programs have none, and one that fails to load must not stop jobs.
    return undefined;
  }
  return make(api);
}
