/**
 * Layer: pipeline/store/postgres. The servers that a URL lists. `pg` knows one:
 * of several, such as a primary and its standbys, each has a URL here.
 *
 * @module
 */

/**
 * The URL of each server, in the order of the list: `postgres://user@a:5432,b:5433/jobs` has
 * two. `target_session_attrs` is left out: a store always looks for one that writes.
 */
export function serverUrls(url: string): string[] {
  const [, before, hosts, after] =
    url.match(/^(\w+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s) ?? [];
  if (hosts === undefined) return [url];
  const rest = after!
    .replace(/([?&])target_session_attrs=[^&#]*(&|(?=#)|$)/, "$1")
    .replace(/[?&](?=#|$)/, "");
  return hosts.split(",").map((host) => `${before}${host}${rest}`);
}
