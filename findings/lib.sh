# Shared by the findings: a temporary folder, packages and servers in it, and
# the three ways to end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
stop_server=true
trap '$stop_server >/dev/null 2>&1; rm -rf "$work"' EXIT
cd "$work"

# Ends the script where something cannot be had: cannot_try "what is missing".
cannot_try() {
  echo "cannot be tried here: $1"
  exit 77
}

# Installs a package of PyPI into the folder: from_pypi pyzmq==27.1.0
from_pypi() {
  command -v python3 >/dev/null || cannot_try "python3"
  python3 -m pip install --quiet --target "$work/python" "$@" >/dev/null 2>&1 ||
    cannot_try "$* from PyPI"
  export PYTHONPATH="$work/python:$here"
}

# Installs packages of npm into the folder: from_npm ws@8.23.0
from_npm() {
  command -v npm >/dev/null || cannot_try "npm"
  npm install --silent --no-audit --no-fund --prefix "$work" "$@" >/dev/null 2>&1 ||
    cannot_try "$* from npm"
}

# Builds the Go program in the folder, with go.mod and main.go beside it, as ./ask
build_go() {
  command -v go >/dev/null || cannot_try "go"
  # A folder with a dot: in others, "go mod tidy" looks for packages of ours.
  export GOFLAGS=-modcacherw GOMODCACHE="$work/.go" GOTOOLCHAIN=local
  { go mod tidy && go build -o ask .; } >/dev/null 2>&1 ||
    cannot_try "modules from the Go proxy"
}

# A TCP port that nobody has.
free_port() {
  python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# Starts a Redis that keeps nothing; its port is then in $REDIS_PORT.
start_redis() {
  command -v redis-server >/dev/null || cannot_try "redis-server"
  REDIS_PORT=$(free_port)
  export REDIS_PORT
  redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --save "" --dir "$work" \
    --daemonize yes --pidfile "$work/redis.pid" >/dev/null
  until redis-cli -p "$REDIS_PORT" ping >/dev/null 2>&1; do sleep 0.1; done
  stop_server="redis-cli -p $REDIS_PORT shutdown nosave"
}

# Starts a PostgreSQL of its own; its port is then in $PGPORT, the user is postgres.
start_postgres() {
  PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"
  command -v initdb >/dev/null || cannot_try "PostgreSQL's initdb"
  PGPORT=$(free_port)
  export PGPORT PGHOST=127.0.0.1 PGUSER=postgres PGDATA="$work/postgres"
  local as=(env)
  if [ "$(id -u)" = 0 ]; then # it refuses to run as root
    id postgres >/dev/null 2>&1 || cannot_try "a user postgres to run it as"
    as=(runuser -u postgres --)
    chmod 711 "$work"
  fi
  mkdir "$PGDATA"
  [ "$(id -u)" != 0 ] || chown postgres "$PGDATA"
  "${as[@]}" initdb --auth=trust --username=postgres >/dev/null
  "${as[@]}" pg_ctl --wait --log="$PGDATA/log" \
    --options="-p $PGPORT -h 127.0.0.1 -k ''" start >/dev/null
  stop_server="${as[*]} pg_ctl --mode=immediate stop"
}

# Holds what was printed against what was seen before: same "$expected" "$seen"
same() {
  echo "$2"
  if [ "$1" = "$2" ]; then
    echo "as it was seen"
  else
    printf 'changed; it was\n%s\n' "$1"
    exit 1
  fi
}
