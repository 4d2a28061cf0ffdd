# Starts and stops one private name server + broker pair, of either kind. Sourced by run, mqadmin and others (bash).
# Everything lives under one directory made with mktemp -d; processes are ended by pid only.
#
# Callers set SERVER (java|ogive), call server_start, and use NAMESRV / BROKER_ADDR. BROKER_CONF_EXTRA (lines) is appended to the broker's
# configuration. server_stop is safe to call at any time.

INTEROP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE_DIR=$(cd "$INTEROP_DIR/../.." && pwd)
ORACLE_LIB=${ORACLE_LIB:-$INTEROP_DIR/oracle/target/lib}
SERVER_DIR=
NAMESRV_PID=
BROKER_PID=

say() { printf '%s\n' "$*"; }
skip() { printf '\n##### SKIP %s #####\n\n' "$*"; }

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The broker takes three ports: listenPort, listenPort-2 (the "VIP" one) and the HA port. Picked below Linux's ephemeral range,
# so that no outgoing connection can take one between the check and the bind. INTEROP_PORTS=FIRST-LAST narrows the range.
pick_ports() {
  local i base first last
  first=${INTEROP_PORTS:-20000-31990}
  last=${first#*-}
  first=${first%-*}
  for i in $(seq 1 200); do
    base=$((first + (RANDOM % ((last - first) / 10)) * 10))
    if port_is_free $base && port_is_free $((base + 3)) && port_is_free $((base + 5)) && port_is_free $((base + 6)); then
      NAMESRV_PORT=$base
      BROKER_PORT=$((base + 5))
      return 0
    fi
  done
  say "no free ports between $first and $last"
  return 1
}

# Builds the Java programs for one version of the client when they are not up to date.
build_java() { # version
  local target=$INTEROP_DIR/java/target/$1 profile=
  [ "$1" = 4.9.8 ] && profile=-Pclient-4.9.8
  if [ -f "$target/java-client-1.jar" ] &&
    [ -z "$(find "$INTEROP_DIR/java/src" "$INTEROP_DIR/java/pom.xml" -newer "$target/java-client-1.jar" | head -1)" ]; then
    return 0
  fi
  timeout 600 mvn -q -B $profile -f "$INTEROP_DIR/java/pom.xml" package || { say "FAIL build of the Java programs ($1)"; return 1; }
}

resolve_oracle() {
  if [ -f "$ORACLE_LIB/rocketmq-broker-5.5.0.jar" ]; then return 0; fi
  command -v mvn >/dev/null || { skip "mvn is missing: the Java server cannot be resolved"; return 1; }
  timeout 600 mvn -q -B -f "$INTEROP_DIR/oracle/pom.xml" package
}

# The command line of one server process, quoted for `eval`: MAIN CLASS or LAUNCHER, heap (Java only), arguments.
server_command() {
  local main=$1 heap=$2
  shift 2
  if [ "$SERVER" = ogive ]; then
    printf '%q ' env HOME="$SERVER_DIR" sh "$SOURCE_DIR/bin/$main" "$@"
    return
  fi
  case $main in
    mqnamesrv) main=org.apache.rocketmq.namesrv.NamesrvStartup ;;
    mqbroker) main=org.apache.rocketmq.broker.BrokerStartup ;;
  esac
  printf '%q ' env HOME="$SERVER_DIR" ROCKETMQ_HOME="$SERVER_DIR/home" java "-Xms$heap" "-Xmx$heap" -XX:MaxDirectMemorySize=1g \
    -XX:+UseSerialGC "-Duser.home=$SERVER_DIR" "-Drocketmq.home.dir=$SERVER_DIR/home" ${SERVER_JAVA_OPT:-} \
    --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED --add-exports=java.base/sun.nio.ch=ALL-UNNAMED \
    --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
    --add-opens=java.base/java.lang=ALL-UNNAMED -cp "$ORACLE_LIB/*" "$main" "$@"
}

namesrv_command() { server_command mqnamesrv 128m -c "$SERVER_DIR/namesrv.conf"; }
broker_command() { server_command mqbroker 512m -c "$SERVER_DIR/broker.conf"; }

write_conf() {
  mkdir -p "$SERVER_DIR/home/conf" "$SERVER_DIR/store"
  cat > "$SERVER_DIR/namesrv.conf" <<CONF
listenPort=$NAMESRV_PORT
bindAddress=127.0.0.1
kvConfigPath=$SERVER_DIR/namesrv/kvConfig.json
configStorePath=$SERVER_DIR/namesrv/namesrv.properties
CONF
  cat > "$SERVER_DIR/broker.conf" <<CONF
brokerClusterName=InteropCluster
brokerName=broker-a
brokerId=0
brokerRole=ASYNC_MASTER
flushDiskType=ASYNC_FLUSH
namesrvAddr=127.0.0.1:$NAMESRV_PORT
brokerIP1=127.0.0.1
brokerIP2=127.0.0.1
bindAddress=127.0.0.1
listenPort=$BROKER_PORT
haListenPort=$((BROKER_PORT + 1))
storePathRootDir=$SERVER_DIR/store
storePathCommitLog=$SERVER_DIR/store/commitlog
mappedFileSizeCommitLog=67108864
traceTopicEnable=true
autoCreateTopicEnable=true
enablePropertyFilter=true
waitTimeMillsInSendQueue=5000
osPageCacheBusyTimeOutMills=5000
transactionTimeOut=6000
transactionCheckInterval=2000
${BROKER_CONF_EXTRA:-}
CONF
}

start_namesrv() {
  : > "$SERVER_DIR/namesrv.out"
  bash -c "exec $(namesrv_command)" >> "$SERVER_DIR/namesrv.out" 2>&1 &
  NAMESRV_PID=$!
}

start_broker() {
  : > "$SERVER_DIR/broker.out"
  bash -c "exec $(broker_command)" >> "$SERVER_DIR/broker.out" 2>&1 &
  BROKER_PID=$!
}

wait_boot() { # output file, pid, what: the boot line is the contract both servers keep
  local i
  for i in $(seq 1 600); do
    if grep -q 'boot success' "$1" 2>/dev/null; then return 0; fi
    if ! kill -0 "$2" 2>/dev/null; then break; fi
    sleep 0.1
  done
  say "$3 did not boot; its output:"
  tail -20 "$1"
  return 1
}

server_start() {
  if [ "$SERVER" = java ]; then
    command -v java >/dev/null || { skip "java is missing: the Java server cannot run"; return 2; }
    resolve_oracle || return 2
  elif [ ! -f "$SOURCE_DIR/bin/mqbroker" ]; then
    skip "bin/mqbroker is missing: build Ogive first"
    return 2
  fi
  SERVER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ogive-interop.XXXXXX")
  pick_ports && write_conf || return 1
  start_namesrv
  wait_boot "$SERVER_DIR/namesrv.out" "$NAMESRV_PID" "name server" || return 1
  start_broker
  wait_boot "$SERVER_DIR/broker.out" "$BROKER_PID" broker || return 1
  NAMESRV=127.0.0.1:$NAMESRV_PORT
  BROKER_ADDR=127.0.0.1:$BROKER_PORT
}

# A launcher may keep a shell as parent of the server: all descendants are meant.
process_tree() {
  local child
  for child in $(ps -o pid= --ppid "$1" 2>/dev/null); do process_tree "$child"; done
  echo "$1"
}

stop_pid() { # pid, signal: ends the process and what it started, waits for the end
  local pids pid i
  [ -n "$1" ] || return 0
  pids=$(process_tree "$1")
  for pid in $pids; do kill "-$2" "$pid" 2>/dev/null; done
  for i in $(seq 1 300); do
    local alive=
    for pid in $pids; do kill -0 "$pid" 2>/dev/null && alive=yes; done
    [ -z "$alive" ] && break
    sleep 0.1
  done
  [ -n "$alive" ] && for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
  wait "$1" 2>/dev/null # So that the shell does not report what we ended.
  return 0
}

server_stop() {
  stop_pid "$BROKER_PID" TERM
  stop_pid "$NAMESRV_PID" TERM
  wait 2>/dev/null
  BROKER_PID=
  NAMESRV_PID=
  if [ -n "$SERVER_DIR" ] && [ -z "${KEEP_SERVER_DIR:-}" ]; then rm -rf "$SERVER_DIR"; fi
  if [ -n "$SERVER_DIR" ] && [ -n "${KEEP_SERVER_DIR:-}" ]; then say "kept: $SERVER_DIR"; fi
  SERVER_DIR=
}
