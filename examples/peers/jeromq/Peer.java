import org.zeromq.ZMQ;

/** A peer with JeroMQ: answers requests in upper case, and publishes each of them. */
public class Peer {
    public static void main(String[] addresses) {
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket reply = context.socket(ZMQ.REP);
        ZMQ.Socket publisher = context.socket(ZMQ.XPUB);
        publisher.connect(addresses[1]);
        publisher.recv(); // a subscription: what is published before is lost
        reply.connect(addresses[0]);
        String text;
        do {
            text = reply.recvStr();
            publisher.sendMore("request");
            publisher.send(text);
            reply.send(text.toUpperCase());
        } while (!text.equals("end"));
        publisher.close();
        reply.close();
        context.term();
    }
}
