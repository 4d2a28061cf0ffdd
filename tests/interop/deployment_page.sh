#!/bin/bash
# The commands of RocketMQ's deployment page, copied literally, against an installed tree:
#   deployment_page.sh [BUILD_DIR]            (default build/release)
#
# The page writes standard ports, fixed addresses and `mqshutdown broker`, which ends every broker of this user. So everything
# happens on machines of its own: two network namespaces joined by a cable (192.168.1.1 and 192.168.1.2), with their own
# processes and their own HOME. Where the kernel does not let us make them the script says so and passes nothing.
# One deviation from the page: `tail` instead of `tail -f`, which never ends.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"

if [ "${1:-}" != --inside ]; then
  build=$(cd "${1:-$SOURCE_DIR/build/release}" && pwd) || exit 2
  if ! unshare --net --mount --pid --fork --mount-proc true 2>/dev/null || ! command -v ip >/dev/null || ! command -v nsenter >/dev/null; then
    skip "deployment page: this user may not make network and process namespaces (unshare), or ip is missing"
    exit 0
  fi
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-deployment.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  cmake --install "$build" --prefix "$scratch/rocketmq" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
  # Processes of the namespace end with its first one: nothing is left behind, whatever happens.
  timeout -k 5 120 unshare --net --mount --pid --fork --mount-proc bash "$0" --inside "$scratch"
  exit
fi

scratch=$2
failures=0
passes=0
pass() { passes=$((passes + 1)); say "PASS deployment-$1"; }
fail() { failures=$((failures + 1)); say "FAIL deployment-$1: $2"; }
expect() { # name, pattern, command …: polls the command's output for the pattern, 10 s at most
  local name=$1 pattern=$2 i output=
  shift 2
  for i in $(seq 1 100); do
    output=$("$@" 2>&1)
    grep -qE -- "$pattern" <<<"$output" && { pass "$name"; return; }
    sleep 0.1
  done
  fail "$name" "no line like '$pattern' in: $(tail -3 <<<"$output")"
}
gone() { # name, pid: ended, and that soon
  local i
  for i in $(seq 1 30); do
    kill -0 "$2" 2>/dev/null || { pass "$1"; return; }
    sleep 0.1
  done
  fail "$1" "process $2 still runs 3 s after mqshutdown"
}

# Machine A: 192.168.1.1 (here). Machine B: 192.168.1.2, a namespace held open by a sleeping process.
unshare --net sleep 1000 &
machine_b=$!
on_b() { nsenter --target "$machine_b" --net "$@"; }
for i in $(seq 1 100); do
  [ "$(readlink "/proc/$machine_b/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
  sleep 0.05
done
ip link set lo up
ip link add cable type veth peer name cable netns "$machine_b" || { skip "deployment page: no veth devices"; exit 0; }
ip addr add 192.168.1.1/24 dev cable
ip link set cable up
on_b ip link set lo up
on_b ip addr add 192.168.1.2/24 dev cable
on_b ip link set cable up

mkdir -p "$scratch/home-a" "$scratch/home-b"
export HOME=$scratch/home-a
unset ROCKETMQ_HOME NAMESRV_ADDR JAVA_OPT JAVA_OPT_EXT
cd "$scratch/rocketmq" || exit 1

say "== single master =="
### Start NameServer
nohup sh bin/mqnamesrv >"$scratch/out" 2>&1 &
namesrv=$!
### Check whether NameServer is started successfully
expect namesrv-log 'The Name Server boot success\. serializeType=JSON, address 0\.0\.0\.0:9876' tail ~/logs/rocketmqlogs/namesrv.log
expect namesrv-stdout '^The Name Server boot success\. serializeType=JSON, address 0\.0\.0\.0:9876$' cat "$scratch/out"

### Start Broker
nohup sh bin/mqbroker -n localhost:9876 >"$scratch/out" 2>&1 &
broker=$!
### Check whether Broker is started successfully, eg: Broker's IP is 192.168.1.1, broker name is broker-a
host=$(hostname)
expect broker-log "The broker\[$host, 192\.168\.1\.1:10911\] boot success\. serializeType=JSON and name server is localhost:9876" \
  tail ~/logs/rocketmqlogs/Broker.log
expect broker-log-5 'The broker\[.*\] boot success' tail ~/logs/rocketmqlogs/broker.log
expect broker-stdout "^The broker\[$host, 192\.168\.1\.1:10911\] boot success" cat "$scratch/out"
[ -d ~/store/commitlog ] && pass store-in-home || fail store-in-home "no ~/store/commitlog"
listening() { ss -ltnH 2>/dev/null | awk '{print $4}' | sed 's/.*://' | sort -un | tr '\n' ' '; }
if command -v ss >/dev/null; then
  expect ports '^9876 10909 10911( 10912)? $' listening
fi

### Shutdown
sh bin/mqshutdown broker | grep -q 'Send shutdown request to mqbroker' && pass mqshutdown-broker || fail mqshutdown-broker "not said"
gone broker-gone $broker
sh bin/mqshutdown namesrv | grep -q 'Send shutdown request to mqnamesrv' && pass mqshutdown-namesrv || fail mqshutdown-namesrv "not said"
gone namesrv-gone $namesrv
sh bin/mqshutdown broker | grep -q '^No mqbroker running\.$' && pass mqshutdown-nothing || fail mqshutdown-nothing "not said"

say "== from within bin =="
cd bin || exit 1
sh mqnamesrv >"$scratch/out" 2>&1 &
namesrv=$!
expect bin-namesrv 'The Name Server boot success' cat "$scratch/out"
sh mqbroker -n localhost:9876 >"$scratch/out" 2>&1 &
broker=$!
expect bin-broker 'The broker\[.*\] boot success' cat "$scratch/out"
sh mqshutdown broker >/dev/null
gone bin-broker-gone $broker
sh mqshutdown namesrv >/dev/null
gone bin-namesrv-gone $namesrv
cd ..

say "== several masters: two machines =="
export ROCKETMQ_HOME=$scratch/rocketmq
### Firstly, start NameServer on machine A
nohup sh bin/mqnamesrv >"$scratch/out" 2>&1 &
namesrv=$!
expect multi-namesrv 'The Name Server boot success' cat "$scratch/out"
### Start the first master on machine A, for example, NameServer's IP is 192.168.1.1
nohup sh bin/mqbroker -n 192.168.1.1:9876 -c $ROCKETMQ_HOME/conf/2m-noslave/broker-a.properties >"$scratch/out-a" 2>&1 &
broker_a=$!
### Start the second master on machine B, if NameServer's IP is 192.168.1.1
HOME=$scratch/home-b on_b nohup sh bin/mqbroker -n 192.168.1.1:9876 -c $ROCKETMQ_HOME/conf/2m-noslave/broker-b.properties >"$scratch/out-b" 2>&1 &
broker_b=$!
expect multi-broker-a 'The broker\[broker-a, 192\.168\.1\.1:10911\] boot success\. serializeType=JSON and name server is 192\.168\.1\.1:9876' \
  tail ~/logs/rocketmqlogs/Broker.log
expect multi-broker-b 'The broker\[broker-b, 192\.168\.1\.2:10911\] boot success\. serializeType=JSON and name server is 192\.168\.1\.1:9876' \
  tail "$scratch/home-b/logs/rocketmqlogs/Broker.log"
if bin/ogive 2>&1 | grep -qw admin; then
  expect multi-cluster-a 'DefaultCluster +broker-a +0 +192\.168\.1\.1:10911' sh bin/mqadmin clusterList -n 192.168.1.1:9876
  expect multi-cluster-b 'DefaultCluster +broker-b +0 +192\.168\.1\.2:10911' sh bin/mqadmin clusterList -n 192.168.1.1:9876
else
  skip "deployment page: clusterList, this build has no admin program"
fi
sh bin/mqshutdown broker >/dev/null
gone multi-broker-a-gone $broker_a
gone multi-broker-b-gone $broker_b
sh bin/mqshutdown namesrv >/dev/null
gone multi-namesrv-gone $namesrv

kill "$machine_b"
say "deployment page: $passes passed, $failures failed"
[ "$failures" -eq 0 ]
