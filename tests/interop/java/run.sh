#!/bin/bash
# Runs the Java client scenarios against a server that is already there.
#   run.sh --namesrv HOST:PORT [--client 5.5.0|4.9.8] [--serialize JSON|ROCKETMQ|both] [--later] [--filter REGEX] [--parallel N]
# Builds the project first when needed. Exit status 0 only when everything passed.
here=$(cd "$(dirname "$0")" && pwd)
namesrv=127.0.0.1:9876
client=5.5.0
serialize=both
pass=
while [ $# -gt 0 ]; do
  case $1 in
    --namesrv) namesrv=$2; shift 2 ;;
    --client) client=$2; shift 2 ;;
    --serialize) serialize=$2; shift 2 ;;
    --later) pass="$pass --later"; shift ;;
    --filter|--parallel) pass="$pass $1 $2"; shift 2 ;;
    *) echo "unknown argument $1"; exit 2 ;;
  esac
done
. "$here/../server.sh"
build_java "$client" || exit 1
target=$here/target/$client
[ "$serialize" = both ] && serialize="JSON ROCKETMQ"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-interop-java.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
status=0
run_main() { # rebalance interval in ms, headers, arguments...
  interval=$1
  type=$2
  shift 2
  timeout 1200 java -Xmx768m -XX:+UseSerialGC "-Duser.home=$scratch" "-Drocketmq.client.localOffsetStoreDir=$scratch/offsets" \
    "-Drocketmq.client.rebalance.waitInterval=$interval" -Drocketmq.client.logRoot="$scratch/logs" "-Drocketmq.serialize.type=$type" \
    -cp "$target/java-client-1.jar:$target/lib/*" ogive.interop.InteropMain --namesrv "$namesrv" "$@" 2>"$scratch/stderr" || status=1
  grep -v -E '^(SLF4J|log4j|RocketMQLog|WARNING: sun.reflect)' "$scratch/stderr" | head -40 >&2
}
for type in $serialize; do
  echo "== Java client $client, headers in $type =="
  run_main 2000 "$type" $pass
  case $pass in
    *--filter*|*--later*) ;;
    *) run_main 120000 "$type" --notified ;;
  esac
done
exit $status
