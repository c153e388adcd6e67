/**
 * Serializers: how values become bytes, and bytes become values.
 *
 * @module
 */
export { BaseSerializer } from "./base_serializer.ts";
export { packForSocket, unpackForSocket } from "./for_socket.ts";
export { JSON, JSONSerializer, type SerializerOptions } from "./json.ts";
export { MSGPACK, type MsgpackOptions } from "./msgpack.ts";
export { RAW } from "./raw.ts";
