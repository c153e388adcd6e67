#!/usr/bin/env bash
# With:  org.zeromq:jeromq 0.6.0.
# Guess: closing a ZContext waits until what was sent has left, as zmq_ctx_term()
#        does with the default linger of -1.
# Seen:  sockets of a ZContext have linger 0: what has not left is dropped, and close
#        returns at once. Those of a ZMQ.Context have -1, and term() waits.
# So:    a program that connects, sends and ends sends nothing. Give each socket
#        setLinger(), or the context, before it is closed.
source "$(dirname "$0")/lib.sh"
command -v mvn >/dev/null || cannot_try "mvn"
command -v javac >/dev/null || cannot_try "javac"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ask</groupId>
  <artifactId>ask</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.zeromq</groupId>
      <artifactId>jeromq</artifactId>
      <version>0.6.0</version>
    </dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >/dev/null 2>&1 ||
  cannot_try "jeromq 0.6.0 from Maven Central"
cat >Ask.java <<'END'
import java.net.ServerSocket;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public class Ask {
  /** Sends to an address where a PULL binds a second later, and ends its context. */
  static String hears(boolean isZContext) throws Exception {
    String address;
    try (ServerSocket free = new ServerSocket(0)) {
      address = "tcp://127.0.0.1:" + free.getLocalPort();
    }
    ZMQ.Context there = ZMQ.context(1);
    ZMQ.Socket pull = there.socket(SocketType.PULL);
    pull.setReceiveTimeOut(5000);
    String[] heard = new String[1];
    Thread late = new Thread(() -> {
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        return;
      }
      pull.bind(address);
      heard[0] = pull.recvStr();
    });
    late.start();
    if (isZContext) {
      try (ZContext context = new ZContext()) {
        ZMQ.Socket push = context.createSocket(SocketType.PUSH);
        push.connect(address);
        push.send("last words");
      }
    } else {
      ZMQ.Context context = ZMQ.context(1);
      ZMQ.Socket push = context.socket(SocketType.PUSH);
      push.connect(address);
      push.send("last words");
      push.close();
      context.term();
    }
    late.join();
    return heard[0];
  }

  public static void main(String[] args) throws Exception {
    System.out.println("ZContext: " + hears(true));
    System.out.println("ZMQ.Context: " + hears(false));
    System.exit(0);
  }
}
END
javac -cp 'lib/*' Ask.java
same "ZContext: null
ZMQ.Context: last words" "$(java -cp 'lib/*:.' Ask)"
