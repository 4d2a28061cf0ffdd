#!/bin/bash
# Replica groups of both kinds of broker: an Ogive slave of a RocketMQ 5.5.0 master, RocketMQ slaves of an Ogive master, and the way from one to
# the other and back while the official client sends and consumes:
#   mixed.sh [--only groups|untold|migration]
#
# migration: a cluster of two RocketMQ masters becomes one of Ogive, one broker name at a time, and RocketMQ's again, by the commands of
# docs/guide/replication.md, under a load that never stops: no send fails, what was acknowledged is what was consumed, once, without gaps.
# untold: what was consumed at an Ogive slave while its RocketMQ master was away, the slave being killed meanwhile, is known to the master
# when it is back: who consumes there gets nothing again.
# groups: everything else a mixed group goes through.
#
# Shown by groups: a slave that joins late has the master's whole log, byte by byte; topics, groups and offsets are the master's; consumers go on from the
# slave when the master is killed; after each change of masters every acknowledged message is at the place its answer named.
set -u
cd "$(dirname "$0")" || exit 2
. ./server.sh
only=
[ "${1:-}" = --only ] && only=$2
case $only in '' | groups | untold | migration) ;; *) say "--only is groups, untold or migration, not $only"; exit 2 ;; esac
command -v java >/dev/null && command -v mvn >/dev/null || { skip "mixed: java or mvn is missing"; exit 0; }
resolve_oracle || exit 0
build_java 5.5.0 || exit 1

SERVER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ogive-mixed.XXXXXX")
SERVER=ogive
INTEROP_PORTS=${INTEROP_PORTS:-23200-23890}
pick_ports || exit 1
write_conf
failures=0
passes=0
topic=Mixed
servers=127.0.0.1:$NAMESRV_PORT
declare -A pid kind id port store
pass() { passes=$((passes + 1)); say "PASS mixed-$1"; }
fail() { failures=$((failures + 1)); say "FAIL mixed-$1: $2"; }
check() { if [ "$2" = 0 ]; then pass "$1"; else fail "$1" "$3"; fi; } # name, status, what is wrong otherwise
cleanup() {
  local one
  touch "$SERVER_DIR/stop"
  for one in "${!pid[@]}"; do stop_pid "${pid[$one]}" KILL; done
  server_stop
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Members are named m (the first), s, t, all of broker-a, and b of broker-b: each has ports and a store of its own.
port=([m]=$BROKER_PORT [s]=$((BROKER_PORT + 20)) [t]=$((BROKER_PORT + 40)) [b]=$((BROKER_PORT + 60)))
store=([m]=$SERVER_DIR/m [s]=$SERVER_DIR/s [t]=$SERVER_DIR/t [b]=$SERVER_DIR/b)
start() { # member, kind, role, broker id
  local member=$1
  kind[$member]=$2
  id[$member]=$4
  mkdir -p "${store[$member]}"
  cat >"$SERVER_DIR/$member.conf" <<CONF
brokerClusterName=InteropCluster
brokerName=$([ "$1" = b ] && echo broker-b || echo broker-a)
brokerId=$4
brokerRole=$3
flushDiskType=ASYNC_FLUSH
namesrvAddr=$servers
brokerIP1=127.0.0.1
brokerIP2=127.0.0.1
listenPort=${port[$member]}
haListenPort=$((port[$member] + 1))
storePathRootDir=${store[$member]}
storePathCommitLog=${store[$member]}/commitlog
mappedFileSizeCommitLog=1048576
mappedFileSizeConsumeQueue=6000
maxHashSlotNum=5000
maxIndexNum=20000
slaveReadEnable=true
waitTimeMillsInSendQueue=5000
osPageCacheBusyTimeOutMills=5000
CONF
  : >"$SERVER_DIR/$member.out"
  SERVER=$2
  bash -c "exec $(server_command mqbroker 384m -c "$SERVER_DIR/$member.conf")" >>"$SERVER_DIR/$member.out" 2>&1 &
  pid[$member]=$!
  SERVER=ogive
  wait_boot "$SERVER_DIR/$member.out" "${pid[$member]}" "$2 $member" || { KEEP_SERVER_DIR=yes; exit 1; }
}
end() { # member, signal
  stop_pid "${pid[$1]}" "$2"
  unset "pid[$1]"
}

admin() { sh "$SOURCE_DIR/bin/mqadmin" "$@" -n $servers 2>&1; }
replica_main() {
  java -Xmx1g -XX:+UseSerialGC "-Duser.home=$SERVER_DIR" "-Drocketmq.client.logRoot=$SERVER_DIR/logs" \
    -cp "java/target/5.5.0/java-client-1.jar:java/target/5.5.0/lib/*" ogive.interop.ReplicaMain "$@" --namesrv $servers --topic $topic
}
# A broker says that it has booted before, or just when, it registers: waits until clients are sent to every master that runs.
wait_routes() {
  local i one missing
  for i in $(seq 1 120); do
    missing=
    admin topicRoute -t $topic >"$SERVER_DIR/route.out"
    for one in m s t b; do
      [ -z "${pid[$one]:-}" ] || [ "${id[$one]}" != 0 ] || grep -q "127.0.0.1:${port[$one]}\b" "$SERVER_DIR/route.out" || missing+=" $one"
    done
    [ -z "$missing" ] && return 0
    sleep 0.5
  done
  fail routes "after 60 s no route to$missing: $(tail -n 3 "$SERVER_DIR/route.out")"
}
threads=0
start_producer() { # ids go on with new thread numbers; acknowledgements are added to those before
  wait_routes
  rm -f "$SERVER_DIR/stop"
  : >"$SERVER_DIR/new"
  replica_main send --acks "$SERVER_DIR/new" --others "$SERVER_DIR/others" --stop-file "$SERVER_DIR/stop" --first-thread $threads --delayed 5 \
    >"$SERVER_DIR/producer.out" 2>&1 &
  pid[producer]=$!
  threads=$((threads + 10))
}
stop_producer() {
  touch "$SERVER_DIR/stop"
  wait "${pid[producer]}"
  unset "pid[producer]"
  cat "$SERVER_DIR/new" >>"$SERVER_DIR/acks"
}
wait_acks() { # name, so many more
  local wanted=$(($(wc -l <"$SERVER_DIR/new") + $2)) i
  for i in $(seq 1 600); do
    [ "$(wc -l <"$SERVER_DIR/new")" -ge $wanted ] && return 0
    sleep 0.1
  done
  fail "$1" "only $(wc -l <"$SERVER_DIR/new") of $wanted acknowledged; $(tail -n 2 "$SERVER_DIR/others" "$SERVER_DIR/producer.out")"
  return 1
}
start_consumer() { # group
  : >"$SERVER_DIR/got-$1"
  replica_main consume --group "$1" --out "$SERVER_DIR/got-$1" >"$SERVER_DIR/consumer-$1.out" 2>&1 &
  pid[$1]=$!
}
expect_all() { # name, seconds, group: every message acknowledged so far has come
  local i left
  cat "$SERVER_DIR/acks" "$SERVER_DIR/new" | sort -u >"$SERVER_DIR/wanted"
  for i in $(seq 1 $(($2 * 2))); do
    left=$(awk 'FILENAME == ARGV[1] { got[$0]; next } !($0 in got)' "$SERVER_DIR/got-$3" "$SERVER_DIR/wanted" | wc -l)
    [ "$left" = 0 ] && { pass "$1"; return 0; }
    sleep 0.5
  done
  fail "$1" "$left of $(wc -l <"$SERVER_DIR/wanted") acknowledged messages did not come within $2 s"
}
read_back() { # name
  local attempt
  for attempt in 1 2 3; do # A broker that has just booted may not be in the routes yet.
    replica_main read --acks "$SERVER_DIR/acks" >"$SERVER_DIR/read.out" 2>"$SERVER_DIR/read.err" && break
    grep -q '^acknowledged' "$SERVER_DIR/read.out" && { attempt=3; break; }
    sleep 2
  done
  grep -q 'lost or misplaced 0, out of order 0' "$SERVER_DIR/read.out"
  check "$1" $? "$(tail -n 5 "$SERVER_DIR/read.out" "$SERVER_DIR/read.err")"
  say "     $(tail -1 "$SERVER_DIR/read.out")"
}
# Waits until both logs are equal byte by byte; with `part` from the slave's first file on.
same_logs() { # name, master, slave[, part]
  local i
  for i in $(seq 1 60); do
    python3 - "${store[$2]}/commitlog" "${store[$3]}/commitlog" "${4:-}" >"$SERVER_DIR/compare.out" 2>&1 <<'PY' && break
import os, sys
master, slave, part = sys.argv[1:]
def names(folder): return sorted(n for n in os.listdir(folder) if n.isdigit())
def content(folder, name):
    path = os.path.join(folder, name)
    return open(path, "rb").read().rstrip(b"\0") if os.path.exists(path) else b""
first = int(names(slave)[0]) if names(slave) else -1
if not part and first != int(names(master)[0]): sys.exit(f"the slave begins at {first}, the master at {int(names(master)[0])}")
total = 0
for name in sorted(set(names(master)) | set(names(slave))):
    if int(name) < first: continue
    a, b = content(master, name), content(slave, name)
    if a != b:
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        sys.exit(f"file {name}: {len(a)} and {len(b)} bytes, differ at {at}")
    total += len(a)
print(f"{total} bytes are equal")
PY
    sleep 0.5
  done
  grep -q 'bytes are equal' "$SERVER_DIR/compare.out"
  check "$1" $? "$(cat "$SERVER_DIR/compare.out")"
  say "     $(cat "$SERVER_DIR/compare.out")"
}
# Waits until the slave's configuration files say what the master's say (of what the master has; more is allowed).
same_metadata() { # name, master, slave, seconds
  local i
  for i in $(seq 1 $(($4 * 2))); do
    python3 - "${store[$2]}/config" "${store[$3]}/config" >"$SERVER_DIR/compare.out" 2>&1 <<'PY' && break
import json, os, re, sys
def read(folder, name, key):
    text = open(os.path.join(folder, name)).read()
    return json.loads(re.sub(r"([{,]\s*)(-?\d+)\s*:", r'\1"\2":', text)).get(key, {})
master, slave = sys.argv[1:]
for name, key in (("topics.json", "topicConfigTable"), ("subscriptionGroup.json", "subscriptionGroupTable"), ("consumerOffset.json", "offsetTable"),
                  ("delayOffset.json", "offsetTable")):
    ours, theirs = read(master, name, key), read(slave, name, key)
    for one, value in ours.items():
        if one in ("127.0.0.1", "broker-a", "InteropCluster") or one.startswith(("rmq_sys", "RMQ_SYS", "SELF_TEST", "OFFSET_MOVED", "BenchmarkTest", "TBW102")): continue
        if one not in theirs: sys.exit(f"{name}: {one} is missing")
        wanted = {k: v for k, v in value.items() if k in theirs[one]} if isinstance(value, dict) else value
        got = {k: theirs[one][k] for k in wanted} if isinstance(value, dict) else theirs[one]
        if wanted != got: sys.exit(f"{name}: {one} is {got}, the master's {wanted}")
print("the same")
PY
    sleep 0.5
  done
  grep -q 'the same' "$SERVER_DIR/compare.out"
  check "$1" $? "$(cat "$SERVER_DIR/compare.out")"
}
start_namesrv
wait_boot "$SERVER_DIR/namesrv.out" "$NAMESRV_PID" "name server" || exit 1

migration() {
  local group=GMove
  topic=Move
  say "== two RocketMQ masters, and a load that does not stop =="
  start m java ASYNC_MASTER 0
  start b java ASYNC_MASTER 0
  sleep 2
  admin updateTopic -c InteropCluster -t $topic -r 4 -w 4 >/dev/null
  sleep 2
  start_consumer $group
  start_producer
  wait_acks migration-first 2000
  say "== an Ogive slave joins; it becomes the master of the name =="
  start s ogive SLAVE 1
  wait_acks migration-slave 2000 && pass migration-slave-under-load
  withdraw m s
  end m TERM
  wait_acks migration-nobody 300 && pass migration-other-master-takes-all # And the slave serves who has not read everything.
  end s TERM
  start s ogive ASYNC_MASTER 0
  rm -rf "${store[m]}"
  start m java SLAVE 1
  wait_acks_of migration-ogive-master broker-a 500
  say "== and the way back =="
  withdraw s m
  end s TERM
  wait_acks migration-nobody-again 300 && pass migration-other-master-takes-all-again
  end m TERM
  start m java ASYNC_MASTER 0
  start s ogive SLAVE 1
  wait_acks_of migration-java-master broker-a 500
  stop_producer
  [ ! -s "$SERVER_DIR/others" ] && grep -qE '^sent \{SEND_OK=[0-9]+\}$' "$SERVER_DIR/producer.out"
  check migration-no-send-failed $? "$(tail -1 "$SERVER_DIR/producer.out") $(head -2 "$SERVER_DIR/others")"
  expect_all migration-all-consumed 60 $group
  consumed_once migration-consumed-once $group
  read_back migration-read
  same_logs migration-log m s
  end m TERM
  end s TERM
  end b TERM
}
# What the guide says before a master is stopped: nobody sends to it any more, its slave has its log and its offsets.
withdraw() { # master, slave
  local i before
  admin wipeWritePerm -b broker-a >"$SERVER_DIR/wipe.out" || fail migration-withdraw "$(cat "$SERVER_DIR/wipe.out")"
  for i in $(seq 1 60); do
    before=$(grep -c ' broker-a ' "$SERVER_DIR/new")
    sleep 2 # The clients of this test ask for routes every second; others do every 30 s.
    [ "$(grep -c ' broker-a ' "$SERVER_DIR/new")" = "$before" ] && break
  done
  for i in $(seq 1 60); do
    [ "$(log_end "$1" '#MasterCommitLogMaxOffset')" = "$(log_end "$2" '#CommitLogMaxOffset')" ] && break
    sleep 0.5
  done
  [ "$(log_end "$1" '#MasterCommitLogMaxOffset')" = "$(log_end "$2" '#CommitLogMaxOffset')" ]
  check "migration-covered-${kind[$2]}" $? "$(admin haStatus -b 127.0.0.1:${port[$1]}; admin haStatus -b 127.0.0.1:${port[$2]})"
  sleep 12 # Consumers commit, and RocketMQ writes its offsets, every 5 s; delay offsets every 10 s.
  same_metadata "migration-metadata-${kind[$2]}" "$1" "$2" 90
}
log_end() { admin haStatus -b 127.0.0.1:${port[$1]} | awk -v key="$2" '$1 == key { print $2 }'; } # member, which line
wait_acks_of() { # name, broker, so many more of it
  local wanted=$(($(grep -c " $2 " "$SERVER_DIR/new") + $3)) i
  for i in $(seq 1 600); do
    [ "$(grep -c " $2 " "$SERVER_DIR/new")" -ge $wanted ] && { pass "$1"; return 0; }
    sleep 0.1
  done
  fail "$1" "$2 acknowledged only $(grep -c " $2 " "$SERVER_DIR/new") of $wanted"
}
# The group got what was acknowledged and nothing else, each place once, and each queue's places from 0 on without a gap.
consumed_once() { # name, group
  local bad
  bad=$(awk 'FILENAME == ARGV[1] { acks[$0]; count++; next }
      !($0 in acks) && $1 !~ /^delayed/ { print "not acknowledged:", $0 }
      { q = $2 " " $3; places[q]++; if ($4 > last[q]) last[q] = $4; if ((q, $4) in seen) print "again:", $0; seen[q, $4] }
      END { for (q in places) if (places[q] != last[q] + 1) print q, "has", places[q], "places up to", last[q] }' \
    "$SERVER_DIR/acks" "$SERVER_DIR/got-$2" | head -5)
  [ -z "$bad" ]
  check "$1" $? "$bad"
  say "     $(wc -l <"$SERVER_DIR/acks") acknowledged, $(wc -l <"$SERVER_DIR/got-$2") consumed"
}

groups() {
  say "== an Ogive slave joins a RocketMQ master =="
  start m java ASYNC_MASTER 0
  sleep 2
  admin updateTopic -b 127.0.0.1:${port[m]} -t $topic -r 4 -w 4 >/dev/null
  admin updateSubGroup -b 127.0.0.1:${port[m]} -g GOld -r 3 >/dev/null
  sleep 2
  start_consumer GOld
  start_producer
  wait_acks before 4000
  stop_producer
  expect_all before 30 GOld
  sleep 12 # Consumers commit, and RocketMQ writes its offsets, every 5 s; delay offsets every 10 s.
  start s ogive SLAVE 1
  same_logs java-master-log m s
  same_metadata java-master-metadata m s 30
  start_producer
  wait_acks with-slave 1000 && pass with-slave
  stop_producer
  same_logs java-master-live m s

  say "== the RocketMQ master is killed, and comes back =="
  end m KILL
  start_consumer GNew
  expect_all dead-java-master-new-group 60 GNew
  expect_all dead-java-master-old-group 60 GOld
  start m java ASYNC_MASTER 0
  start_producer
  wait_acks java-master-back 1000 && pass java-master-back
  stop_producer
  expect_all java-master-back-new-group 60 GNew
  same_logs java-master-back-log m s

  say "== a RocketMQ slave joins too; the Ogive slave becomes the master of the name =="
  start t java SLAVE 2
  same_logs java-slave-last-file m t part # All that RocketMQ gives an empty slave.
  start_producer
  wait_acks both-slaves 1000
  stop_producer
  same_logs before-migration m s
  end m TERM
  end s TERM
  start s ogive SYNC_MASTER 0
  sleep 4
  start_producer
  wait_acks ogive-master 1000 && pass ogive-master-sync
  stop_producer
  same_logs ogive-master-java-slave s t part
  expect_all ogive-master-old-group 60 GOld
  expect_all ogive-master-new-group 60 GNew
  read_back ogive-master-read
  same_metadata ogive-master-metadata s t 90

  say "== a new RocketMQ slave of the Ogive master; the Ogive master is killed, and comes back =="
  rm -rf "${store[m]}"
  start m java SLAVE 1
  same_logs new-java-slave s m
  end s KILL
  start_consumer GLast
  expect_all dead-ogive-master-new-group 60 GLast
  start s ogive SYNC_MASTER 0
  start_producer
  wait_acks ogive-master-back 1000 && pass ogive-master-back
  stop_producer
  same_logs ogive-master-back-log s m
  same_logs ogive-master-back-log-2 s t part

  say "== and the way back: RocketMQ is the master again, Ogive its slave =="
  end s TERM
  end m TERM
  start m java ASYNC_MASTER 0
  start s ogive SLAVE 1
  start_producer
  wait_acks java-again 1000 && pass java-again
  stop_producer
  same_logs java-again-log m s
  read_back java-again-read
  expect_all java-again-old-group 60 GOld
  end m TERM
  end s TERM
  end t TERM
}

untold() {
  local known=GKnown young=GYoung group left
  say "== consumers go on at the Ogive slave of a dead RocketMQ master; the slave is killed, then the master comes back =="
  topic=Untold
  start m java ASYNC_MASTER 0
  start s ogive SLAVE 1
  sleep 2
  # A RocketMQ master is asked for topics every minute; its log tells the slave that there is a young one.
  admin updateTopic -b 127.0.0.1:${port[m]} -t $topic -r 4 -w 4 >/dev/null
  admin updateSubGroup -b 127.0.0.1:${port[m]} -g $known -r 3 >/dev/null
  start_producer
  wait_acks untold-before 2000
  stop_producer
  same_logs untold-log m s
  end m KILL
  for group in $known $young; do start_consumer $group; done # The master has never heard of the second.
  for group in $known $young; do expect_all untold-at-slave-$group 60 $group; done
  sleep 12 # Consumers commit, and brokers write offsets, every 5 s.
  for group in $known $young; do end $group KILL; done
  end s KILL
  cp "${store[s]}/config/ogiveUntoldOffsets.json" "$SERVER_DIR/untold.json"
  start s ogive SLAVE 1
  start m java ASYNC_MASTER 0
  for group in $known $young; do told untold-told-$group $group 30; done
  mv "$SERVER_DIR/acks" "$SERVER_DIR/consumed"
  : >"$SERVER_DIR/acks"
  for group in $known $young; do start_consumer $group; done
  start_producer
  wait_acks untold-back 1000
  stop_producer
  for group in $known $young; do
    expect_all untold-new-$group 60 $group
    left=$(grep -cxFf "$SERVER_DIR/consumed" "$SERVER_DIR/got-$group")
    [ "$left" = 0 ]
    check untold-nothing-again-$group $? "$left messages that were consumed at the slave came again from the master"
    end $group KILL
  done
  same_logs untold-log-again m s
  end m TERM
  end s TERM
}
# Every offset that the slave's note had of the group is what the master's file says.
told() { # name, group, seconds
  local i
  for i in $(seq 1 "$3"); do
    python3 - "$SERVER_DIR/untold.json" "${store[m]}/config/consumerOffset.json" "$2" >"$SERVER_DIR/compare.out" 2>&1 <<'PY' && break
import json, re, sys
note, table, group = sys.argv[1:]
noted = [one for one in json.load(open(note))["offsets"] if one["group"] == group and not one["topic"].startswith("%RETRY%")]
if not noted: sys.exit(f"{group} is not in the note")
offsets = json.loads(re.sub(r"([{,]\s*)(-?\d+)\s*:", r'\1"\2":', open(table).read()))["offsetTable"]
for one in noted:
    theirs = offsets.get(f"{one['topic']}@{group}", {}).get(str(one["queueId"]))
    if theirs != one["offset"]: sys.exit(f"queue {one['queueId']} of {one['topic']}: {theirs} at the master, {one['offset']} in the slave's note")
print(f"{len(noted)} offsets told")
PY
    sleep 1
  done
  grep -q 'offsets told' "$SERVER_DIR/compare.out"
  check "$1" $? "$(cat "$SERVER_DIR/compare.out")"
  say "     $(cat "$SERVER_DIR/compare.out") after $i s"
}

# Stores, acknowledgements and consumers of the part before are not the next one's.
clean() {
  local one
  for one in GOld GNew GLast; do [ -z "${pid[$one]:-}" ] || end $one KILL; done
  rm -rf "${store[@]}"
  : >"$SERVER_DIR/acks"
  : >"$SERVER_DIR/new"
  : >"$SERVER_DIR/others"
}
for part in groups untold migration; do
  [ -z "$only" ] || [ "$only" = $part ] || continue
  clean
  $part
done
say "mixed: $passes passed, $failures failed"
[ "$failures" -eq 0 ] || { KEEP_SERVER_DIR=yes; exit 1; }
