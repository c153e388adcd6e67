/**
 * Layer: zmtp. What of the cryptography of CURVE the entry points export.
 *
 * @module
 */
export {
  type CurveBackend,
  curveBackend,
  sodium as loadedSodium,
} from "./sodium.ts";
