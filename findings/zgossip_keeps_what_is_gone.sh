#!/usr/bin/env bash
# With:  CZMQ 4.2.1 (Debian 12's libczmq-dev), gcc.
# Guess: zgossip notices within seconds when a client has gone (its sessions expire
#        after one second), and withdraws what that client has published.
# Seen:  it keeps it for ever: six seconds after the end of the publisher a new
#        client is told of its service as if it were there.
# So:    what gossip tells may be long dead. Try an address before you rely on it, or
#        publish with a time in the value, again and again.
source "$(dirname "$0")/lib.sh"
command -v cc >/dev/null || cannot_try "a C compiler"
cat >ask.c <<'END'
#include <czmq.h>

int main(void) {
  zactor_t *server = zactor_new(zgossip, "server");
  char *command, *port, *key, *value;
  zstr_sendx(server, "BIND", "tcp://127.0.0.1:*", NULL);
  zstr_send(server, "PORT");
  zstr_recvx(server, &command, &port, NULL);
  char *endpoint = zsys_sprintf("tcp://127.0.0.1:%s", port);

  zactor_t *first = zactor_new(zgossip, "first");
  zstr_sendx(first, "CONNECT", endpoint, NULL);
  zstr_sendx(first, "PUBLISH", "service", "tcp://10.0.0.1:5555", NULL);
  zstr_recvx(server, &command, &key, &value, NULL);
  zactor_destroy(&first);
  zclock_sleep(6000);

  zactor_t *second = zactor_new(zgossip, "second");
  zstr_sendx(second, "CONNECT", endpoint, NULL);
  zsock_set_rcvtimeo(second, 60000);
  if (zstr_recvx(second, &command, &key, &value, NULL) > 0)
    printf("%s %s %s\n", command, key, value);
  else
    printf("nothing\n");
  zactor_destroy(&second);
  zactor_destroy(&server);
}
END
cc ask.c -o ask -lczmq 2>/dev/null || cannot_try "CZMQ's headers"
same "DELIVER service tcp://10.0.0.1:5555" "$(./ask)"
