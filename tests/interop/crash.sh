#!/bin/bash
# Kills a broker with SIGKILL while a producer is sending, restarts it, and checks that nothing acknowledged is lost or moved.
#   crash.sh --namesrv HOST:PORT [--kills N] [--acks-between N] START_BROKER_CMD
# START_BROKER_CMD starts the broker in the foreground (same store each time); nothing may run on its port yet. The broker is left stopped.
cd "$(dirname "$0")" || exit 2
. ./server.sh
namesrv=127.0.0.1:9876
kills=3
between=1000
while [ $# -gt 1 ]; do
  case $1 in
    --namesrv) namesrv=$2; shift 2 ;;
    --kills) kills=$2; shift 2 ;;
    --acks-between) between=$2; shift 2 ;;
    *) say "unknown argument $1"; exit 2 ;;
  esac
done
command=$1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-crash.XXXXXX")
broker=
producer=
cleanup() {
  touch "$scratch/stop"
  stop_pid "$broker" TERM
  stop_pid "$producer" TERM
  wait 2>/dev/null
  rm -rf "$scratch"
}
trap cleanup EXIT

start() {
  bash -c "exec $command" >> "$scratch/broker.out" 2>&1 &
  broker=$!
}
acks() { wc -l < "$scratch/acks" 2>/dev/null || echo 0; }
wait_acks() { # at least this many; the producer survives the time without a broker
  local i
  for i in $(seq 1 1200); do
    [ "$(acks)" -ge "$1" ] && return 0
    kill -0 "$producer" 2>/dev/null || break
    sleep 0.1
  done
  say "FAIL crash only $(acks) of $1 acknowledgements within 120 s"
  tail -5 "$scratch/broker.out" "$scratch/producer.out"
  exit 1
}
java_main() {
  java -Xmx512m -XX:+UseSerialGC "-Duser.home=$scratch" "-Drocketmq.client.logRoot=$scratch/logs" \
    -cp "java/target/5.5.0/java-client-1.jar:java/target/5.5.0/lib/*" "$@"
}

build_java 5.5.0 || exit 1
topic=Crash$(date +%s)
start
for i in $(seq 1 600); do grep -q 'boot success' "$scratch/broker.out" && break; sleep 0.1; done
touch "$scratch/acks"
java_main ogive.interop.CrashProducer --namesrv "$namesrv" --topic "$topic" --acks "$scratch/acks" --stop-file "$scratch/stop" \
  --seconds 900 > "$scratch/producer.out" 2>&1 &
producer=$!
for n in $(seq 1 "$kills"); do
  wait_acks $(($(acks) + between))
  say "kill -9 number $n after $(acks) acknowledgements"
  stop_pid "$broker" KILL
  start
done
wait_acks $(($(acks) + between))
touch "$scratch/stop"
wait "$producer"
cat "$scratch/producer.out"
java_main ogive.interop.CrashVerifier --namesrv "$namesrv" --topic "$topic" --acks "$scratch/acks" 2>/dev/null
