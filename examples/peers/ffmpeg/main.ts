/**
 * Example `ffmpeg`: a film goes from one ffmpeg through this program to another
 * one, and loses its colours on the way, when the first is asked to.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Program } from "../../guide/support/program.ts";
import { playWith } from "../support/scene.ts";
import { FilterControl } from "./filter_control.ts";
import { readStream, StreamFeed } from "./stream.ts";

await playWith("ffmpeg", async (folder) => {
  // tcp:// does as well; a path needs no free port.
  const control = `ipc://${folder}/control`;
  const film = `ipc://${folder}/film`;
  const copy = `ipc://${folder}/copy`;
  await using feed = new StreamFeed();
  await feed.open(copy);
  await using viewer = ffmpeg(
    // Without these, it looks at five seconds of the stream before it begins.
    ...["-probesize", "32", "-analyzeduration", "0"],
    ...["-f", "mpegts", "-i", `zmq:${copy}`],
    ...["-vf", "signalstats,metadata=print:file=-:direct=1"],
    ...["-f", "null", "-"],
  );
  await feed.reader();
  await using _camera = ffmpeg(
    ...["-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25"],
    // In a filter, a colon needs a backslash, and so does the backslash.
    ...["-vf", `zmq=bind_address=${control.replace(":", "\\\\:")},hue@shade`],
    ...["-codec:v", "mpeg2video", "-g", "5"],
    ...["-f", "mpegts", `zmq:${film}`], // a container that one can join late
  );

  const ended = new AbortController();
  const copying = (async () => {
    for await (const piece of readStream(film, 30_000)) {
      if (ended.signal.aborted) return;
      await feed.write(piece);
    }
  })();
  const seen = (saturation: RegExp) => viewer.line(saturation);
  await seen(/SATAVG=[1-9]/);
  console.log("the film has colours");

  await using filters = new FilterControl(control);
  await filters.command("hue@shade", "s", "0");
  await seen(/SATAVG=0$/);
  console.log("and has none after `hue@shade s 0`");
  await assert.rejects(filters.command("hue@glow", "s", "0"), {
    message: "hue@glow: 38 Function not implemented",
  });
  ended.abort();
  await copying;

  const frames = viewer.lines.filter((line) => line.startsWith("frame:"));
  assert.ok(frames.length > 1);
  return "a film was read, changed and fed";
});

function ffmpeg(...args: string[]): Program {
  const quiet = ["-hide_banner", "-loglevel", "error", "-nostdin"];
  return new Program("ffmpeg", [...quiet, ...args], { withStderr: true });
}
