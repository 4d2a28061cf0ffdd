#!/bin/bash
# One store directory, served by turns by Ogive and by RocketMQ 5.5.0, stopped in order or killed: after every change of hands every message
# that was ever acknowledged is read back by the official client at its queue and offset, and more are sent.
#   handback.sh [--rounds N] [--acks N] [--batch N] [--conf KEY=VALUE]...
# One round: Ogive stopped, Java stopped, Ogive killed, Java killed. --batch N: the topic has queue.type=BatchCQ and batches of N are sent.
cd "$(dirname "$0")" || exit 2
. ./server.sh
rounds=5
acks=1000
batch=1
conf=
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --acks) acks=$2; shift 2 ;;
    --batch) batch=$2; shift 2 ;;
    --conf) conf+=$'\n'$2; shift 2 ;;
    *) say "unknown argument $1"; exit 2 ;;
  esac
done
command -v java >/dev/null && command -v mvn >/dev/null || { skip "java or mvn is missing"; exit 0; }
resolve_oracle || exit 0
build_java 5.5.0 || exit 1

SERVER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ogive-handback.XXXXXX")
SERVER=ogive
trap server_stop EXIT
trap 'exit 130' INT TERM
pick_ports || exit 1
# Small files, so that every turn crosses some of each kind.
BROKER_CONF_EXTRA="mappedFileSizeCommitLog=1048576
mappedFileSizeConsumeQueue=6000
maxHashSlotNum=5000
maxIndexNum=20000
mapperFileSizeBatchConsumeQueue=4600$conf"
write_conf
start_namesrv
wait_boot "$SERVER_DIR/namesrv.out" "$NAMESRV_PID" "name server" || exit 1
topic=HandBack
: > "$SERVER_DIR/acks"

java_main() {
  java -Xmx512m -XX:+UseSerialGC "-Duser.home=$SERVER_DIR" "-Drocketmq.client.logRoot=$SERVER_DIR/logs" \
    -cp "java/target/5.5.0/java-client-1.jar:java/target/5.5.0/lib/*" "$@"
}

verify() { # name of the turn
  local attempt
  # A broker that has just booted may not be in the name server's routes yet: only a verdict ends the attempts.
  for attempt in 1 2 3 4 5; do
    java_main ogive.interop.CrashVerifier --namesrv "127.0.0.1:$NAMESRV_PORT" --topic $topic --acks "$SERVER_DIR/acks" \
      > "$SERVER_DIR/verify.out" 2> "$SERVER_DIR/verify.err" && { say "     $(head -1 "$SERVER_DIR/verify.out")"; return 0; }
    grep -q '^FAIL' "$SERVER_DIR/verify.out" && break
    sleep 2
  done
  tail -n 12 "$SERVER_DIR/verify.out" "$SERVER_DIR/verify.err"
  say "FAIL handback: $1"
  tail -5 "$SERVER_DIR/broker.out"
  KEEP_SERVER_DIR=yes
  exit 1
}

turn() { # server, signal
  local name="$1 until $2" producer attempt i
  SERVER=$1
  start_broker
  wait_boot "$SERVER_DIR/broker.out" "$BROKER_PID" "$1 broker" || { say "FAIL handback: $name does not boot"; KEEP_SERVER_DIR=yes; exit 1; }
  if [ -s "$SERVER_DIR/acks" ]; then
    verify "$name, what was there"
  elif [ "$batch" -gt 1 ]; then
    sh "$SOURCE_DIR/bin/mqadmin" updateTopic -n "127.0.0.1:$NAMESRV_PORT" -b "127.0.0.1:$BROKER_PORT" -t $topic -r 4 -w 4 \
      -a +queue.type=BatchCQ > "$SERVER_DIR/mqadmin.out" 2>&1 || { cat "$SERVER_DIR/mqadmin.out"; say "FAIL handback: no topic"; exit 1; }
  fi
  rm -f "$SERVER_DIR/stop"
  : > "$SERVER_DIR/new"
  # As in verify: a client that cannot even begin on a busy machine says nothing about the store.
  for attempt in 1 2 3 4 5; do
    java_main ogive.interop.CrashProducer --namesrv "127.0.0.1:$NAMESRV_PORT" --topic $topic --acks "$SERVER_DIR/new" \
      --stop-file "$SERVER_DIR/stop" --seconds 120 --batch "$batch" --prefix "$round-$1-$2-" > "$SERVER_DIR/producer.out" 2>&1 &
    producer=$!
    for i in $(seq 1 600); do
      [ "$(wc -l < "$SERVER_DIR/new")" -ge "$acks" ] && break
      kill -0 $producer 2>/dev/null || break
      sleep 0.1
    done
    [ -s "$SERVER_DIR/new" ] && break
    wait $producer 2>/dev/null
    sleep 2
  done
  # Stopped in order it has its producer gone; killed it is killed in the middle of it.
  [ "$2" = KILL ] || { touch "$SERVER_DIR/stop"; wait $producer; }
  stop_pid "$BROKER_PID" "$2"
  touch "$SERVER_DIR/stop"
  wait $producer 2>/dev/null
  BROKER_PID=
  [ -s "$SERVER_DIR/new" ] || { say "FAIL handback: $name acknowledged nothing"; head -n 3 "$SERVER_DIR/producer.out"; tail -n 5 "$SERVER_DIR/producer.out" "$SERVER_DIR/broker.out"; exit 1; }
  cat "$SERVER_DIR/new" >> "$SERVER_DIR/acks"
  say "  $name: $(wc -l < "$SERVER_DIR/new") acknowledged"
}

for round in $(seq 1 "$rounds"); do
  say "round $round"
  turn ogive TERM
  turn java TERM
  turn ogive KILL
  turn java KILL
done
SERVER=ogive
start_broker
wait_boot "$SERVER_DIR/broker.out" "$BROKER_PID" "last broker" || exit 1
verify "the last look"
stop_pid "$BROKER_PID" TERM
BROKER_PID=
# Every record, queue entry and table of what both servers left, with their CRCs.
ogive=$(. "$SOURCE_DIR/bin/ogive-launch.sh" && ogive_find_binary "$SOURCE_DIR/bin")
"$ogive" store check "$SERVER_DIR/store" -c "$SERVER_DIR/broker.conf" > "$SERVER_DIR/check.out" 2>&1 ||
  { tail -n 15 "$SERVER_DIR/check.out"; say "FAIL handback: the store is not sound"; KEEP_SERVER_DIR=yes; exit 1; }
if [[ $conf == *enabledAppendPropCRC=true* ]]; then
  records=$(awk '$1 == "records" { print $2 }' "$SERVER_DIR/check.out")
  good=$(awk '/^property CRCs / { print $3 }' "$SERVER_DIR/check.out")
  say "     $good of $records records have their property CRC"
  [ "$good" = "$records" ] || { say "FAIL handback: records without their CRC"; KEEP_SERVER_DIR=yes; exit 1; }
fi
say "PASS handback: $rounds rounds, batches of $batch${conf:+ with}${conf//$'\n'/ }"
