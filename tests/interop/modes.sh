#!/bin/bash
# The deployment page's modes with masters and slaves, as processes that are killed, stopped and cut off while the official Java client sends and
# consumes:
#   modes.sh [--mode sync|async|all] [--small] [BUILD_DIR]       (default all, build/release)
#
# Full form: a network namespace for each name server and broker, on the page's standard ports, with the page's commands and the shipped conf/
# files as they are, several name servers (-n "a:9876;b:9876"). Small form, where namespaces cannot be made or with --small: the same on
# addresses 127.0.0.x of this machine, the shipped files followed by lines for address, ports and directory.
#
# Shown: no acknowledged message of a synchronous pair is lost, also when the master's disk is thrown away; each message is where its answer said,
# in order; consumers, old groups and new ones, go on from the slave when the master is gone; logs of master and slave are equal byte by byte.
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

if [ -z "$inside" ]; then
  build=$(cd "$build" && pwd) || exit 2
  command -v java >/dev/null && command -v mvn >/dev/null || { skip "modes: java or mvn is missing"; exit 0; }
  build_java 5.5.0 || exit 1
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-modes.XXXXXX")
  [ -n "${KEEP_SERVER_DIR:-}" ] && say "kept: $scratch" || trap 'rm -rf "$scratch"' EXIT
  cmake --install "$build" --prefix "$scratch/rocketmq" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
  if [ -z "$small" ] && unshare --net --mount --pid --fork --mount-proc ip link add br0 type bridge 2>/dev/null; then
    # Processes of the namespace end with its first one: nothing is left behind, whatever happens.
    timeout -k 5 590 unshare --net --mount --pid --fork --mount-proc bash "$0" --mode "$mode" --inside "$scratch"
  else
    [ -n "$small" ] || skip "modes in namespaces: this user may not make them; the small form runs instead"
    timeout -k 5 590 bash "$0" --mode "$mode" --small --inside "$scratch"
  fi
  exit
fi

scratch=$inside
failures=0
passes=0
declare -A pid address file holder
pass() { passes=$((passes + 1)); say "PASS modes-$1"; }
fail() { failures=$((failures + 1)); say "FAIL modes-$1: $2"; }
check() { if [ "$2" = 0 ]; then pass "$1"; else fail "$1" "$3"; fi; } # name, status, what is wrong otherwise
expect() { # name, seconds, pattern, command …: polls the command's output for the pattern
  local name=$1 tries=$(($2 * 5)) pattern=$3 i output=
  shift 3
  for i in $(seq 1 $tries); do
    output=$("$@" 2>&1)
    grep -qE -- "$pattern" <<<"$output" && { pass "$name"; return 0; }
    sleep 0.2
  done
  fail "$name" "no line like '$pattern' in: $(tail -3 <<<"$output")"
  return 1
}

# ---- Machines ----

name_servers=(n1 n2 n3)
brokers=(a as b bs)
if [ -n "$small" ]; then
  # One port for all, as on hosts: addresses tell them apart.
  port=${MODES_PORT:-23100}
  i=10
  for node in "${name_servers[@]}" "${brokers[@]}"; do address[$node]=127.0.0.$((i++)); done
  ns_port=$((port + 10))
  on() { shift; "$@"; }
else
  port=10911
  ns_port=9876
  ip link set lo up
  ip link add br0 type bridge && ip addr add 192.168.1.254/24 dev br0 && ip link set br0 up || { skip "modes: no bridge"; exit 0; }
  i=1
  for node in "${brokers[@]}" "${name_servers[@]}"; do
    address[$node]=192.168.1.$((i++))
    unshare --net sleep 3600 &
    holder[$node]=$!
    for try in $(seq 1 100); do
      [ "$(readlink "/proc/${holder[$node]}/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
      sleep 0.05
    done
    ip link add "v-$node" type veth peer name eth0 netns "${holder[$node]}" && ip link set "v-$node" master br0 up
    nsenter --target "${holder[$node]}" --net ip link set lo up
    nsenter --target "${holder[$node]}" --net ip addr add "${address[$node]}/24" dev eth0
    nsenter --target "${holder[$node]}" --net ip link set eth0 up
  done
  on() { local node=$1; shift; nsenter --target "${holder[$node]}" --net "$@"; }
fi
servers="${address[n1]}:$ns_port;${address[n2]}:$ns_port;${address[n3]}:$ns_port"
export ROCKETMQ_HOME=$scratch/rocketmq
unset NAMESRV_ADDR JAVA_OPT JAVA_OPT_EXT
cd "$ROCKETMQ_HOME" || exit 1

cleanup() {
  local one
  touch "$scratch/stop"
  for one in "${!pid[@]}"; do kill -CONT "${pid[$one]}" 2>/dev/null; kill -9 "${pid[$one]}" 2>/dev/null; done
  for one in "${holder[@]}"; do kill "$one" 2>/dev/null; done
  wait 2>/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT TERM

home_of() { echo "$scratch/home-$1"; }
start_server() { # node
  local node=$1
  mkdir -p "$(home_of "$node")"
  if [ -n "$small" ]; then
    printf 'listenPort=%s\nbindAddress=%s\nkvConfigPath=%s/kvConfig.json\n' $ns_port "${address[$node]}" "$(home_of "$node")" >"$scratch/$node.conf"
    HOME=$(home_of "$node") nohup sh bin/mqnamesrv -c "$scratch/$node.conf" >>"$scratch/$node.out" 2>&1 &
  else
    HOME=$(home_of "$node") nsenter --target "${holder[$node]}" --net nohup sh bin/mqnamesrv >>"$scratch/$node.out" 2>&1 &
  fi
  pid[$node]=$!
}
start_broker_at() { # node; file[node] names its configuration
  local node=$1
  mkdir -p "$(home_of "$node")"
  : >"$scratch/$node.out"
  if [ -n "$small" ]; then
    { cat "$ROCKETMQ_HOME/conf/${file[$node]}"; printf '%s\n' "listenPort=$port" "haListenPort=$((port + 1))" "bindAddress=${address[$node]}" \
      "brokerIP1=${address[$node]}" "brokerIP2=${address[$node]}"; } >"$scratch/$node.properties"
    HOME=$(home_of "$node") nohup sh bin/mqbroker -n "$servers" -c "$scratch/$node.properties" >>"$scratch/$node.out" 2>&1 &
  else
    HOME=$(home_of "$node") nsenter --target "${holder[$node]}" --net nohup sh bin/mqbroker -n "$servers" -c $ROCKETMQ_HOME/conf/${file[$node]} >>"$scratch/$node.out" 2>&1 &
  fi
  pid[$node]=$!
}
kill_node() { kill -9 "${pid[$1]}" && wait "${pid[$1]}" 2>/dev/null; unset "pid[$1]"; }
stop_node() { # in order
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" 2>/dev/null
  unset "pid[$1]"
}

# ---- Clients ----

admin() { sh bin/mqadmin "$@" -n "$servers" 2>&1; }
client=(java -Xmx256m -XX:+UseSerialGC "-Duser.home=$scratch" "-Drocketmq.client.logRoot=$scratch/logs"
  -cp "$here/java/target/5.5.0/java-client-1.jar:$here/java/target/5.5.0/lib/*" ogive.interop.ReplicaMain)
replica_main() { "${client[@]}" "$@" --namesrv "$servers" --topic $topic; }
start_producer() {
  rm -f "$scratch/stop"
  : >"$scratch/acks"
  : >"$scratch/others"
  replica_main send --acks "$scratch/acks" --others "$scratch/others" --stop-file "$scratch/stop" >"$scratch/producer.out" 2>&1 &
  pid[producer]=$!
}
start_consumer() { # group
  : >"$scratch/got-$1"
  "${client[@]}" consume --group "$1" --out "$scratch/got-$1" --namesrv "$servers" --topic $topic >"$scratch/consumer-$1.out" 2>&1 &
  pid[$1]=$!
}
acks_of() { grep -c " $1 " "$scratch/acks"; }
wait_acks() { # broker, more of them
  local wanted=$(($(acks_of "$1") + $2)) i
  for i in $(seq 1 300); do
    [ "$(acks_of "$1")" -ge $wanted ] && return 0
    sleep 0.1
  done
  fail "${3:-sends}" "only $(acks_of "$1") of $wanted acknowledged by $1; $(tail -2 "$scratch/others")"
  return 1
}
# Names the acknowledged messages of `broker` in the file that are not among what the group has got.
missing() { # acks file, broker, group
  awk -v broker="$2" 'NR == FNR { got[$1 " " $2 " " $3 " " $4]; next } $2 == broker && !($0 in got)' "$scratch/got-$3" "$1"
}
expect_all() { # name, seconds, acks file, broker, group[, how many may be missing]
  local i left
  for i in $(seq 1 $(($2 * 2))); do
    left=$(missing "$3" "$4" "$5" | wc -l)
    [ "$left" -le "${6:-0}" ] && { pass "$1"; return 0; }
    sleep 0.5
  done
  fail "$1" "$left of $(grep -c " $4 " "$3") acknowledged messages of $4 did not come within $2 s: $(missing "$3" "$4" "$5" | head -2)"
}
in_sync() { # name, master node, slaves
  expect "$1" 30 "^#InSyncSlaveNum[^0-9]*$3\$" admin haStatus -b "${address[$2]}:$port"
}
others_of() { grep -c "^$1 $2 " "$scratch/others"; }

log_end() { admin haStatus -b "${address[$1]}:$port" | awk '/#MasterCommitLogMaxOffset/ { print $2 }'; }
# The log's files of both, up to the master's end.
compare_logs() { # name, master node, slave node
  local end one from=0 size differ=0
  sleep 1
  end=$(log_end "$2")
  for one in "$(home_of "$2")"/store/commitlog/*; do
    size=$(stat -c %s "$one")
    [ $((end - from)) -lt "$size" ] && size=$((end - from))
    cmp -n "$size" "$one" "$(home_of "$3")/store/commitlog/${one##*/}" >"$scratch/cmp.out" 2>&1 || differ=1
    from=$((from + $(stat -c %s "$one")))
    [ $from -ge "$end" ] && break
  done
  check "$1" $differ "$(cat "$scratch/cmp.out")"
}
order_kept() { # name, group: what one process got of each queue came in order, each offset once
  local bad
  bad=$(awk '{ q = $2 " " $3; if (q in last && $4 <= last[q]) print "queue", q, "offset", $4, "after", last[q]; last[q] = $4 }' "$scratch/got-$2" | head -3)
  [ -z "$bad" ]
  check "$1" $? "$bad"
}

# ---- The modes ----

boot_all() { # directory in conf/
  local node
  topic=T$((++topics))
  for node in "${name_servers[@]}"; do start_server $node; done
  for node in "${name_servers[@]}"; do expect "$1-namesrv-$node" 10 'The Name Server boot success' cat "$scratch/$node.out"; done
  file=([a]=$1/broker-a.properties [as]=$1/broker-a-s.properties [b]=$1/broker-b.properties [bs]=$1/broker-b-s.properties)
  for node in a b as bs; do start_broker_at $node; done
  for node in a as b bs; do
    expect "$1-boot-$node" 10 "The broker\[broker-${node:0:1}, ${address[$node]//./\\.}:$port\] boot success\. serializeType=JSON and name server is $servers" \
      cat "$(home_of $node)/logs/rocketmqlogs/Broker.log"
  done
  for node in a as b bs; do
    expect "$1-cluster-$node" 10 "DefaultCluster +broker-${node:0:1} +$([ ${#node} = 1 ] && echo 0 || echo 1) +${address[$node]//./\\.}:$port" admin clusterList
  done
  in_sync "$1-slave-a" a 1
  in_sync "$1-slave-b" b 1
  admin updateTopic -c DefaultCluster -t $topic -r 4 -w 4 >"$scratch/topic.out" || fail "$1-topic" "$(cat "$scratch/topic.out")"
  sleep 1
  start_consumer "G${topics}old"
  start_producer
  wait_acks broker-a 300 "$1-first-a"
  wait_acks broker-b 300 "$1-first-b"
}

end_all() { # directory: the last look, with everybody there
  local node
  touch "$scratch/stop"
  wait "${pid[producer]}"
  unset "pid[producer]"
  say "     $(tail -1 "$scratch/producer.out")"
  expect_all "$1-old-group-a" 30 "$scratch/acks" broker-a "G${topics}old"
  expect_all "$1-old-group-b" 30 "$scratch/acks" broker-b "G${topics}old"
  order_kept "$1-order" "G${topics}old"
  replica_main read --acks "$scratch/acks" >"$scratch/read.out" 2>"$scratch/read.err"
  check "$1-read" $? "$(cat "$scratch/read.out"; tail -2 "$scratch/read.err")"
  say "     $(tail -1 "$scratch/read.out")"
  in_sync "$1-slave-a-again" a 1
  in_sync "$1-slave-b-again" b 1
  compare_logs "$1-logs-a" a as
  compare_logs "$1-logs-b" b bs
}

shut_down() { # directory
  local node
  for node in "${!pid[@]}"; do
    case $node in G*) kill_node "$node" ;; esac
  done
  for node in "${brokers[@]}" "${name_servers[@]}"; do [ -n "${pid[$node]:-}" ] && stop_node $node; done
  for node in "${brokers[@]}"; do
    "$ROCKETMQ_HOME/bin/ogive" store check "$(home_of $node)/store" >"$scratch/check.out" 2>&1
    check "$1-store-$node" $? "$(tail -3 "$scratch/check.out")"
  done
  for node in "${brokers[@]}" "${name_servers[@]}"; do rm -rf "$(home_of $node)"; done
}

kill_name_servers() { # directory: running clients and brokers do not mind
  local node
  for node in n1 n2; do kill_node $node; done
  wait_acks broker-a 200 "$1-one-name-server"
  kill_node n3
  wait_acks broker-a 200 "$1-no-name-server" && pass "$1-no-name-server"
  for node in "${name_servers[@]}"; do start_server $node; done
  expect "$1-name-servers-again" 40 "DefaultCluster +broker-b +1" admin clusterList
}

master_dies() { # directory, master, slave, broker name[, how many messages the slave may lack]
  local group="G${topics}new-$2"
  kill_node "$2"
  sleep 0.5 # What was acknowledged until now is on the disk of the test by now, too.
  cp "$scratch/acks" "$scratch/acks-$2"
  start_consumer "$group"
  expect_all "$1-$2-dead-new-group" 45 "$scratch/acks-$2" "$4" "$group" "${5:-0}"
  expect_all "$1-$2-dead-old-group" 45 "$scratch/acks-$2" "$4" "G${topics}old" "${5:-0}"
  start_broker_at "$2"
  in_sync "$1-$2-back" "$2" 1
  wait_acks "$4" 200 "$1-$2-back-sends" && pass "$1-$2-back-sends"
  cp "$scratch/acks" "$scratch/acks-$2"
  expect_all "$1-$2-back-new-group" 45 "$scratch/acks-$2" "$4" "$group"
  order_kept "$1-$2-back-order" "$group"
  kill_node "$group"
}

run_sync() {
  local mode=2m-2s-sync before
  boot_all $mode
  say "== the slave dies, is stopped, is cut off =="
  kill_node as
  sleep 1
  before=$(acks_of broker-a)
  sleep 2
  [ "$(acks_of broker-a)" = "$before" ] && [ "$(others_of SLAVE_NOT_AVAILABLE broker-a)" -gt 0 ]
  check $mode-no-slave $? "broker-a acknowledged $(($(acks_of broker-a) - before)) messages without a slave; $(cut -d' ' -f1,2 "$scratch/others" | sort | uniq -c)"
  wait_acks broker-b 200 $mode-other-pair && pass $mode-other-pair
  start_broker_at as
  in_sync $mode-slave-back a 1
  wait_acks broker-a 200 $mode-slave-back-sends && pass $mode-slave-back-sends
  kill -STOP "${pid[as]}"
  sleep 5
  [ "$(others_of FLUSH_SLAVE_TIMEOUT broker-a)" -gt 0 ]
  check $mode-slave-stopped $? "no FLUSH_SLAVE_TIMEOUT; $(cut -d' ' -f1,2 "$scratch/others" | sort | uniq -c)"
  kill -CONT "${pid[as]}"
  wait_acks broker-a 200 $mode-slave-continued && pass $mode-slave-continued
  if [ -z "$small" ]; then
    # One way: the slave hears its master, the master hears nothing.
    on as ip route add blackhole "${address[a]}/32"
    sleep 5
    before=$(acks_of broker-a)
    sleep 2
    [ "$(acks_of broker-a)" = "$before" ]
    check $mode-deaf $? "acknowledged $(($(acks_of broker-a) - before)) messages while no report of the slave can have come"
    on as ip route del blackhole "${address[a]}/32"
    wait_acks broker-a 200 $mode-heard-again && pass $mode-heard-again
  fi
  say "== masters die =="
  master_dies $mode a as broker-a
  master_dies $mode b bs broker-b
  say "== name servers die =="
  kill_name_servers $mode
  end_all $mode
  say "== the master's disk is thrown away =="
  start_producer_again
  wait_acks broker-a 300 $mode-more
  kill_node a
  touch "$scratch/stop"
  wait "${pid[producer]}"
  unset "pid[producer]"
  cat "$scratch/acks-before" >>"$scratch/acks"
  stop_node as
  rm -rf "$(home_of a)"
  mv "$(home_of as)" "$(home_of a)" # What the operator does: the slave's disk in the master's place.
  start_broker_at a
  start_broker_at as
  in_sync $mode-new-slave a 1
  replica_main read --broker broker-a --acks "$scratch/acks" >"$scratch/read.out" 2>"$scratch/read.err"
  check $mode-disk-lost $? "$(cat "$scratch/read.out"; tail -2 "$scratch/read.err")"
  say "     $(tail -1 "$scratch/read.out")"
  compare_logs $mode-new-slave-log a as
  shut_down $mode
}

# Thread numbers go on, so that ids stay unique: the acknowledgements so far are put aside, and the new ones added to them.
start_producer_again() {
  cp "$scratch/acks" "$scratch/acks-before"
  rm -f "$scratch/stop"
  : >"$scratch/acks"
  replica_main send --acks "$scratch/acks" --others "$scratch/others" --stop-file "$scratch/stop" --first-thread 10 >"$scratch/producer.out" 2>&1 &
  pid[producer]=$!
}

run_async() {
  local mode=2m-2s-async before
  boot_all $mode
  say "== the slave dies =="
  before=$(acks_of broker-a)
  kill_node as
  wait_acks broker-a 300 $mode-without-slave && pass $mode-without-slave
  start_broker_at as
  in_sync $mode-slave-back a 1
  kill -STOP "${pid[bs]}"
  sleep 1
  kill -CONT "${pid[bs]}"
  in_sync $mode-slave-continued b 1
  say "== masters die =="
  sleep 1
  master_dies $mode b bs broker-b 20 # Answered, and perhaps not copied yet: the disk is there, they come with the master.
  end_all $mode
  shut_down $mode
}

topics=0
case $mode in sync | all) say "== 2m-2s-sync =="; run_sync ;; esac
case $mode in async | all) say "== 2m-2s-async =="; run_async ;; esac
say "modes: $passes passed, $failures failed"
[ "$failures" -eq 0 ]
