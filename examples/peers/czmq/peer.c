//  A peer with CZMQ: a server that admits those whose certificates are in a
//  folder, and then a client of the address that it is sent.
//
//      peer OWN_CERTIFICATE FOLDER_OF_CLIENTS SERVER_CERTIFICATE

#include <czmq.h>

int main (int argc, char *argv [])
{
    assert (argc == 4);
    zcert_t *own = zcert_new ();
    zcert_set_meta (own, "name", "%s", "czmq");
    zcert_save (own, argv [1]);

    zactor_t *auth = zactor_new (zauth, NULL);
    zstr_sendx (auth, "CURVE", argv [2], NULL);
    zsock_wait (auth);
    zsock_t *server = zsock_new (ZMQ_REP);
    zsock_set_zap_domain (server, "global");
    zcert_apply (own, server);
    zsock_set_curve_server (server, 1);
    zsock_bind (server, "tcp://127.0.0.1:*");
    printf ("%s\n", zsock_endpoint (server));
    fflush (stdout);

    zframe_t *request = zframe_recv (server);
    char *address = zframe_strdup (request);
    zstr_sendf (server, "welcome, %s", zframe_meta (request, "name"));

    zcert_t *theirs = zcert_load (argv [3]);
    zsock_t *client = zsock_new (ZMQ_REQ);
    zcert_apply (own, client);
    zsock_set_curve_serverkey (client, zcert_public_txt (theirs));
    zsock_connect (client, "%s", address);
    zsock_send (client, "si", "six times", 7);
    char *answer = zstr_recv (client);
    printf ("%s\n", answer);

    zstr_free (&answer);
    zstr_free (&address);
    zframe_destroy (&request);
    zsock_destroy (&client);
    zsock_destroy (&server);
    zactor_destroy (&auth);
    zcert_destroy (&theirs);
    zcert_destroy (&own);
    return 0;
}
