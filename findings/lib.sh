# Shared by the findings: a temporary folder, and the three ways to end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
