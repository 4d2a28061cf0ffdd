#!/bin/bash
# The deployment page's four modes, as processes that are killed, stopped and cut off while clients send and consume:
#   modes.sh [--mode single|noslave|async|sync|all] [--small] [BUILD_DIR]       (default all, build/release)
#
# Full form: a network namespace for each name server and broker, on the page's standard ports, with the page's commands and the shipped conf/
# files as they are; the official Java and Go clients side by side. Small form, with --small or where namespaces cannot be made: the same on
# addresses 127.0.0.x of this machine, the shipped files followed by lines for address and ports, with Ogive's own client; needs neither root nor
# another toolchain. What is left out is said.
#
# Shown: no acknowledged message of a synchronous pair is lost, also when the master's disk is thrown away; of an asynchronous pair no more than
# the lag that was reported; each message is where its answer said, in order; offsets never go back; consumers, old groups and new ones, go on
# from the slave when the master is gone, after the time that is printed; logs of master and slave are equal byte by byte.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"

mode=all
small=
inside=
build=$SOURCE_DIR/build/release
while [ $# -gt 0 ]; do
  case $1 in
    --mode) mode=$2; shift 2 ;;
    --small) small=yes; shift ;;
    --inside) inside=$2; shift 2 ;;
    *) build=$1; shift ;;
  esac
done
case $mode in single | noslave | async | sync | all) ;; *) say "--mode is single, noslave, async, sync or all, not $mode"; exit 2 ;; esac

# Sets `kinds`, the clients that are there; all they need is built.
find_clients() {
  kinds=
  if command -v java >/dev/null && command -v mvn >/dev/null; then
    build_java 5.5.0 || exit 1
    kinds+=' java'
  else
    skip "modes with the Java client: java or mvn is missing"
  fi
  if command -v go >/dev/null; then
    mkdir -p "$here/go/target"
    (cd "$here/go" && timeout 600 go build -o target/interop .) || { say "FAIL build of the Go scenarios"; exit 1; }
    kinds+=' go'
  else
    skip "modes with the Go client: go is missing"
  fi
  [ -n "$kinds" ] || kinds=own
}

if [ -z "$inside" ]; then
  build=$(cd "$build" && pwd) || exit 2
  [ -x "$build/tests/interop/replica_client" ] || { say "$build/tests/interop/replica_client is missing: build it first"; exit 2; }
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-modes.XXXXXX")
  [ -n "${KEEP_SERVER_DIR:-}" ] && say "kept: $scratch" || trap 'rm -rf "$scratch"' EXIT
  cmake --install "$build" --prefix "$scratch/rocketmq" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
  inner=(bash "$0" --mode "$mode" --inside "$scratch" "$build")
  if [ -z "$small" ] && ! { command -v ip && command -v nsenter; } >/dev/null; then
    skip "modes in namespaces: ip or nsenter is missing; the small form runs instead, without cut links and official clients"
    small=yes
  elif [ -z "$small" ] && ! unshare --net --mount --pid --fork --mount-proc ip link add br0 type bridge 2>/dev/null; then
    skip "modes in namespaces: this user may not make them; the small form runs instead, without cut links and official clients"
    small=yes
  fi
  if [ -n "$small" ]; then
    KINDS=own timeout -k 5 590 "${inner[@]}" --small &
  else
    find_clients
    # Processes of the namespace end with its first one: nothing is left behind, whatever happens.
    KINDS=$kinds timeout -k 5 1190 unshare --net --mount --pid --fork --kill-child --mount-proc "${inner[@]}" &
  fi
  trap 'kill $!; wait; exit 130' INT TERM
  wait $!
  exit
fi

scratch=$inside
read -ra kinds <<<"$KINDS"
failures=0
passes=0
topics=0
. "$here/modes/world.sh"
. "$here/modes/clients.sh"
. "$here/modes/scenarios.sh"
trap cleanup EXIT
trap 'exit 130' INT TERM
make_machines
cd "$ROCKETMQ_HOME" || exit 1

for one in single noslave async sync; do
  [ "$mode" = all ] || [ "$mode" = $one ] || continue
  began=$SECONDS
  run_$one
  say "     $one took $((SECONDS - began)) s"
done
say "modes: $passes passed, $failures failed"
[ "$failures" -eq 0 ]
