#!/bin/bash
# Restarts servers, and kills a consumer, while official clients run: nothing acknowledged is lost, a name server's absence stops
# nobody, and new topics work afterwards.
#   restart.sh [--server java|ogive]
cd "$(dirname "$0")" || exit 2
. ./server.sh
SERVER=ogive
[ "${1:-}" = --server ] && SERVER=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-restart.XXXXXX")
main=
members=()
cleanup() {
  local pid
  for pid in "$main" "${members[@]}"; do stop_pid "$pid" KILL; done
  server_stop
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

java_main() {
  exec java -Xmx256m -XX:+UseSerialGC "-Duser.home=$scratch" "-Drocketmq.client.logRoot=$scratch/logs" \
    -Drocketmq.client.rebalance.waitInterval=2000 -cp "java/target/5.5.0/java-client-1.jar:java/target/5.5.0/lib/*" "$@"
}
lines() { wc -l 2>/dev/null <"$1" || echo 0; }
until_true() { # what, command …
  local what=$1 i
  shift
  for i in $(seq 1 600); do
    "$@" && return 0
    kill -0 "$main" 2>/dev/null || break
    sleep 0.1
  done
  say "FAIL restart: after 60 s still not: $what"
  tail -5 "$scratch/main.out"
  exit 1
}
grown() { [ "$(lines "$1")" -gt "$2" ]; }
receives() { until_true "consumer $1 receives" grown "$scratch/got$1" $(($(lines "$scratch/got$1") + 50)); }
member() { # number
  java_main ogive.interop.ConsumerMain --namesrv "$NAMESRV" --topic Restart --out "$scratch/got$1" >"$scratch/member$1.out" 2>&1 &
  members[$1]=$!
}

build_java 5.5.0 || exit 1
server_start || exit 1
: >"$scratch/commands"
java_main ogive.interop.RestartMain --namesrv "$NAMESRV" --topic Restart --commands "$scratch/commands" \
  --consumers "$scratch/got1,$scratch/got2,$scratch/got3" >"$scratch/main.out" 2>&1 &
main=$!
until_true "the producer runs" grep -q running "$scratch/main.out"
member 1
member 2
receives 1
receives 2
say "kill -9 of a consumer; the others take over, a new one joins"
stop_pid "${members[2]}" KILL
receives 1
member 3
receives 3

say "kill -9 of the name server, and its return"
stop_pid "$NAMESRV_PID" KILL
receives 1
start_namesrv
wait_boot "$SERVER_DIR/namesrv.out" "$NAMESRV_PID" "name server" || exit 1
receives 3

for signal in TERM KILL; do
  say "restart of the broker after SIG$signal"
  echo storm >>"$scratch/commands"
  stop_pid "$BROKER_PID" "$signal"
  start_broker
  wait_boot "$SERVER_DIR/broker.out" "$BROKER_PID" broker || exit 1
  receives 1
  receives 3
done
echo stop >>"$scratch/commands"
wait "$main"
status=$?
main=
tail -3 "$scratch/main.out"
exit $status
