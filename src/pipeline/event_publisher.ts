/**
 * Layer: pipeline. Passes the events of jobs to the feed and to telemetry, if
 * there is any.
 *
 * @module
 */
import type { SubmitTracing } from "./coordinator/schedules.ts";
import type { JobEvent, JobRecord } from "./model/records.ts";
import type { JobScheduler } from "./scheduler/job_scheduler.ts";
import { Feed } from "./server/feed.ts";
import type { PipelineTelemetry } from "./telemetry/pipeline_telemetry.ts";

/** The feed and the telemetry of one pipeline. */
export class EventPublisher {
  readonly feed: Feed = new Feed();
  /** Absent until the pipeline opens, and without OpenTelemetry. */
  telemetry: PipelineTelemetry | undefined;

  /** Whether anyone gets the events. */
  get isWatched(): boolean {
    return this.feed.isWatched || this.telemetry?.isOn === true;
  }

  /** Publishes an event of a job. */
  publish(event: JobEvent, job: JobRecord, scheduler: JobScheduler): void {
    const { id, jobType, flowId, progress } = job;
    if (this.telemetry?.isOn === true) {
      const flow = scheduler.flow(flowId);
      this.telemetry.note(event, job, flow?.record.traceparent);
    }
    if (!this.feed.isWatched) return;
    const { jobId: _, ...rest } = event;
    this.feed.publish(`job:${event.type}:${jobType}:${id}`, {
      id,
      ...rest,
      jobType,
      flowId,
      progress,
    });
  }

  /** Traces a scheduled submission. */
  readonly submitByClock: SubmitTracing = (about, submit) => {
    if (this.telemetry === undefined) submit();
    else this.telemetry.submitByClock(about, submit);
  };
}
