# The machines of modes.sh: a network namespace each, or addresses of this machine; name servers and brokers on them. Sourced by modes.sh.

declare -A pid address file holder
name_servers=(n1 n2 n3)
brokers=(a as b bs)
pass() { passes=$((passes + 1)); say "PASS modes-$1"; }
fail() { failures=$((failures + 1)); say "FAIL modes-$1: $2"; }
check() { if [ "$2" = 0 ]; then pass "$1"; else fail "$1" "$3"; fi; } # name, status, what is wrong otherwise
expect() { # name, seconds, pattern, command …: polls the command's output for the pattern
  local name=$1 until=$((SECONDS + $2)) pattern=$3 output=
  shift 3
  while [ $SECONDS -le $until ]; do
    output=$("$@" 2>&1)
    grep -qE -- "$pattern" <<<"$output" && { pass "$name"; return 0; }
    sleep 0.1
  done
  fail "$name" "no line like '$pattern' in: $(tail -3 <<<"$output")"
  return 1
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }

# The page's standard ports in namespaces; else one port for all machines: addresses tell them apart.
make_machines() {
  export ROCKETMQ_HOME=$scratch/rocketmq
  unset NAMESRV_ADDR JAVA_OPT JAVA_OPT_EXT
  local i=1 node try
  if [ -n "$small" ]; then
    pick_ports || exit 1
    port=${MODES_PORT:-$((NAMESRV_PORT + 5))}
    ns_port=$((port - 5))
    for node in "${brokers[@]}" "${name_servers[@]}"; do address[$node]=127.0.0.$((10 + i++)); done
    return
  fi
  port=10911
  ns_port=9876
  ip link set lo up
  ip link add br0 type bridge && ip addr add 192.168.1.254/24 dev br0 && ip link set br0 up || { skip "modes: no bridge"; exit 0; }
  for node in "${brokers[@]}" "${name_servers[@]}"; do
    address[$node]=192.168.1.$((i++))
    unshare --net sleep 3600 &
    holder[$node]=$!
    for try in $(seq 1 100); do
      [ "$(readlink "/proc/${holder[$node]}/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
      sleep 0.05
    done
    ip link add "v-$node" type veth peer name eth0 netns "${holder[$node]}" && ip link set "v-$node" master br0 up
    on "$node" ip link set lo up
    on "$node" ip addr add "${address[$node]}/24" dev eth0
    on "$node" ip link set eth0 up
  done
}
on() { # node, command …: runs it on that machine
  local node=$1
  shift
  if [ -n "$small" ]; then "$@"; else nsenter --target "${holder[$node]}" --net "$@"; fi
}
unplug() { ip link set "v-$1" down; }
plug() { ip link set "v-$1" up; }
mute() { on "$1" ip route add blackhole "${address[$2]}/32"; } # What $1 sends to $2 is lost; the other way goes on.
unmute() { on "$1" ip route del blackhole "${address[$2]}/32"; }

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
start_broker_at() { # node; file[node] names its configuration, "" for none
  local node=$1 given=()
  mkdir -p "$(home_of "$node")"
  : >"$scratch/$node.out"
  if [ -n "$small" ]; then
    { [ -z "${file[$node]}" ] || cat "$ROCKETMQ_HOME/conf/${file[$node]}"; printf '%s\n' "listenPort=$port" "haListenPort=$((port + 1))" \
      mappedFileSizeCommitLog=16777216 "bindAddress=${address[$node]}" "brokerIP1=${address[$node]}" "brokerIP2=${address[$node]}"; } >"$scratch/$node.properties"
    HOME=$(home_of "$node") nohup sh bin/mqbroker -n "$servers" -c "$scratch/$node.properties" >>"$scratch/$node.out" 2>&1 &
  else
    [ -z "${file[$node]}" ] || given=(-c "$ROCKETMQ_HOME/conf/${file[$node]}")
    HOME=$(home_of "$node") nsenter --target "${holder[$node]}" --net nohup sh bin/mqbroker -n "$servers" "${given[@]}" >>"$scratch/$node.out" 2>&1 &
  fi
  pid[$node]=$!
}
kill_node() {
  local downs=0 tries
  [ -z "${file[$1]+broker}" ] || downs=$(times_down "$1")
  kill -9 "${pid[$1]}" && wait "${pid[$1]}" 2>/dev/null
  unset "pid[$1]"
  # A broker is back within milliseconds: who watches the offsets must have seen that it was away.
  [ -n "${file[$1]+broker}" ] && [ -n "${pid[G-watch]:-}" ] || return 0
  for ((tries = 0; tries < 100; tries++)); do
    [ "$(times_down "$1")" -gt "$downs" ] && return 0
    sleep 0.1
  done
}
times_down() { grep -c "^${address[$1]}:$port down" "$scratch/watch" 2>/dev/null || true; }
stop_node() { # in order
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" 2>/dev/null
  unset "pid[$1]"
}
cleanup() {
  local one
  touch "$scratch/stop"
  for one in "${!pid[@]}"; do kill -CONT "${pid[$one]}" 2>/dev/null; kill -9 "${pid[$one]}" 2>/dev/null; done
  for one in "${holder[@]}"; do kill "$one" 2>/dev/null; done
  wait 2>/dev/null
}

admin() { sh bin/mqadmin "$@" -n "$servers" 2>&1; }
in_sync() { # name, master node
  expect "$1" 60 "^#InSyncSlaveNum[^0-9]*1\$" admin haStatus -b "${address[$2]}:$port"
}
log_end() { admin haStatus -b "${address[$1]}:$port" | awk '/#MasterCommitLogMaxOffset/ { print $2 }'; }
lag_of() { admin haStatus -b "${address[$1]}:$port" | awk 'found { print $3; exit } /#SlaveAckOffset/ { found = 1 }'; } # bytes its slave has not reported
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

# Starts name servers ($2 …) and the brokers that `file` names, and waits until all know each other.
boot() { # mode, name servers …
  local mode=$1 node
  shift
  servers=
  for node in "$@"; do servers+="${servers:+;}${address[$node]}:$ns_port"; done
  for node in "$@"; do start_server "$node"; done
  for node in "$@"; do expect "$mode-namesrv-$node" 30 'The Name Server boot success' cat "$scratch/$node.out"; done
  for node in a b as bs; do [ -z "${file[$node]+given}" ] || start_broker_at $node; done
  for node in "${!file[@]}"; do
    name_of[$node]=broker-${node:0:1}
    [ -n "${file[$node]}" ] || name_of[$node]=$(hostname)
    expect "$mode-boot-$node" 30 "The broker\[${name_of[$node]}, ${address[$node]//./\\.}:$port\] boot success\. serializeType=JSON and name server is $servers" \
      cat "$(home_of "$node")/logs/rocketmqlogs/Broker.log"
  done
  for node in "${!file[@]}"; do
    expect "$mode-cluster-$node" 30 "DefaultCluster +${name_of[$node]} +$([ ${#node} = 1 ] && echo 0 || echo 1) +${address[$node]//./\\.}:$port" admin clusterList
  done
}
declare -A name_of

shut_down() { # mode
  local node
  for node in "${!pid[@]}"; do
    case $node in G*) kill_node "$node" ;; esac
  done
  for node in "${brokers[@]}" "${name_servers[@]}"; do [ -z "${pid[$node]:-}" ] || stop_node "$node"; done
  for node in "${!file[@]}"; do
    "$ROCKETMQ_HOME/bin/ogive" store check "$(home_of "$node")/store" >"$scratch/check.out" 2>&1
    check "$1-store-$node" $? "$(tail -3 "$scratch/check.out")"
  done
  for node in "${brokers[@]}" "${name_servers[@]}"; do rm -rf "$(home_of "$node")"; done
  file=()
}
