#!/usr/bin/env bash
# With:  org.zeromq:jeromq 0.6.0.
# Guess: setPlainPassword takes bytes, so what arrives is these bytes.
# Seen:  it keeps them as text and counts its characters where it should count
#        bytes: of the 9 bytes of "pässword" in UTF-8 the first 8 are sent. With
#        two such letters two bytes are missing, and so on; user names likewise.
# So:    a server that refuses a JeroMQ client whose password is right may be sent
#        a shorter one. Use names and passwords in ASCII with it.
source "$(dirname "$0")/lib.sh"
command -v mvn >/dev/null || cannot_try "mvn"
command -v javac >/dev/null || cannot_try "javac"
command -v python3 >/dev/null || cannot_try "python3"
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
import java.nio.charset.StandardCharsets;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public class Ask {
  public static void main(String[] args) throws Exception {
    try (ZContext context = new ZContext()) {
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      dealer.setLinger(0);
      dealer.setPlainUsername("admin".getBytes(StandardCharsets.UTF_8));
      dealer.setPlainPassword("p\u00e4ssword".getBytes(StandardCharsets.UTF_8));
      dealer.connect("tcp://127.0.0.1:" + args[0]);
      Thread.sleep(60_000);
    }
  }
}
END
javac -cp 'lib/*' Ask.java
cat >ask.py <<'END'
import socket, subprocess

server = socket.create_server(("127.0.0.1", 0))
server.settimeout(30)
port = str(server.getsockname()[1])
client = subprocess.Popen(["java", "-cp", "lib/*:.", "Ask", port])
peer, _ = server.accept()
peer.settimeout(10)
signature = b"\xff" + bytes(8) + b"\x7f"
peer.sendall(signature + b"\x03\x00" + b"PLAIN".ljust(20, b"\0") + b"\1" + bytes(31))
got = b""
while b"HELLO" not in got or not got.endswith(b"swor"):
    data = peer.recv(4096)
    if not data:
        break
    got += data
client.kill()
hello = got[got.index(b"HELLO"):]
password = hello[hello.index(b"admin") + 5:]
print("size", password[0], "password", password[1:].decode())
END
same "size 8 password pässwor" "$(python3 ask.py)"
