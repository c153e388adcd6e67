/**
 * Example `production`: what the image and the units run.
 *
 * @module
 */
import { defineStep } from "@agentzero/agentzero/pipeline";

export const measure = defineStep("measure", (text: string) => text.length);

export default { name: "texts", steps: [measure] };
