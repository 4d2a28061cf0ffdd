# What happens to each deployment mode. Sourced by modes.sh.

many=200 # messages that show that sending goes on
[ -z "$small" ] || many=60

begin_traffic() { # mode, brokers that must take part
  local mode=$1 broker
  shift
  rm -f "$scratch"/acks.[0-9]* "$scratch"/others.[0-9]*
  topic=T$((++topics))
  admin updateTopic -c DefaultCluster -t $topic -r 4 -w 4 >"$scratch/topic.out" || fail "$mode-topic" "$(cat "$scratch/topic.out")"
  sleep 1
  start_consumers old$topics
  start_producers
  for broker in "$@"; do wait_acks "$broker" $many "$mode-first-$broker"; done
  start_watch "old$topics-${kinds[0]}"
}
end_traffic() { # mode, again or once (order_kept), brokers: the last look, with everybody there
  local mode=$1 again=$2 broker
  shift 2
  stop_producers
  all_acks >"$scratch/acks-all"
  for broker in "$@"; do expect_all "$mode-$broker-all" 60 "$scratch/acks-all" "$broker" 0 "" $(groups_of old$topics); done
  order_kept "$mode-order" "$again" $(groups_of old$topics)
  offsets_grow "$mode-offsets"
  end_watch "$mode-offsets-never-back"
  read_back "$mode-read"
}
start_pairs() { # directory in conf/
  file=([a]=$1/broker-a.properties [as]=$1/broker-a-s.properties [b]=$1/broker-b.properties [bs]=$1/broker-b-s.properties)
  boot "$1" n1 n2 n3
  in_sync "$1-slave-a" a
  in_sync "$1-slave-b" b
  begin_traffic "$1" broker-a broker-b
}
end_pairs() { # directory
  end_traffic "$1" once broker-a broker-b
  in_sync "$1-slave-a-again" a
  in_sync "$1-slave-b-again" b
  compare_logs "$1-logs-a" a as
  compare_logs "$1-logs-b" b bs
}

name_servers_die() { # mode, a broker, all of its name servers …: running clients and brokers do not mind
  local mode=$1 broker=$2 node last=${!#}
  shift 2
  if [ $# -gt 1 ]; then
    if [ -z "$small" ]; then
      kill -STOP "${pid[$1]}"
      expect_acks "$broker" $many "$mode-name-server-stopped"
      kill -CONT "${pid[$1]}"
    fi
    for node in "$@"; do [ "$node" = "$last" ] || kill_node "$node"; done
    expect_acks "$broker" $many "$mode-one-name-server"
  fi
  kill_node "$last"
  expect_acks "$broker" $many "$mode-no-name-server"
  for node in "$@"; do start_server "$node"; done
  for node in "${!file[@]}"; do
    expect "$mode-known-again-$node" 40 "DefaultCluster +${name_of[$node]} +$([ ${#node} = 1 ] && echo 0 || echo 1) " admin clusterList
  done
}
# SIGSTOP and a pulled cable: both go over. A sender that does not learn from a timeout (Go) sends little meanwhile, and its next look at the
# routes may be half a minute away.
master_stops() { # mode, master, broker name, another broker name or ""
  local few=$((4 * ${#kinds[@]}))
  kill -STOP "${pid[$2]}"
  [ -z "$4" ] || [ -n "$small" ] || expect_acks "$4" $few "$1-$2-stopped-others"
  sleep 1
  kill -CONT "${pid[$2]}"
  expect_acks "$3" $few "$1-$2-continued"
  [ -z "$small" ] || return 0
  unplug "$2"
  [ -z "$4" ] || expect_acks "$4" $few "$1-$2-unplugged-others"
  sleep 5
  plug "$2"
  expect_acks "$3" $few "$1-$2-plugged"
}

run_single() {
  local mode=single host
  host=$(hostname)
  file=([a]="")
  boot $mode n1
  begin_traffic $mode "$host"
  master_stops $mode a "$host" ""
  kill_node a
  all_acks >"$scratch/acks-a"
  start_broker_at a
  expect_acks "$host" $many $mode-back
  name_servers_die $mode "$host" n1
  end_traffic $mode again "$host"
  shut_down $mode
}

run_noslave() {
  local mode=2m-noslave
  file=([a]=$mode/broker-a.properties [b]=$mode/broker-b.properties)
  boot $mode n1 n2
  begin_traffic $mode broker-a broker-b
  say "== one master dies: the other takes everything; what the dead one has waits for its return =="
  kill_node a
  all_acks >"$scratch/acks-a"
  expect_acks broker-b $many $mode-other-master
  expect_all $mode-other-master-messages 30 "$scratch/acks-a" broker-b 0 "" $(groups_of old$topics)
  start_broker_at a
  expect_acks broker-a $many $mode-back
  master_stops $mode b broker-b broker-a
  name_servers_die $mode broker-a n1 n2
  end_traffic $mode again broker-a broker-b
  shut_down $mode
}

master_dies() { # mode, master, broker name[, how many messages the slave may lack]
  local new="new$topics-$2" died
  signal_consumers old$topics STOP # So that there is something that they must get from the slave.
  wait_acks "$3" $many "$1-$2-backlog"
  kill_node "$2"
  died=$(now_ms)
  signal_consumers old$topics CONT
  sleep 0.3 # What was acknowledged until now is on the disk of the test by now, too.
  all_acks >"$scratch/acks-$2"
  start_consumers "$new"
  # A consumer of the Go client asks nobody but the master where its group stands, and does not begin without one.
  expect_all "$1-$2-dead" 75 "$scratch/acks-$2" "$3" "${4:-0}" "$died" $(groups_of old$topics) $(groups_of "$new" | grep -v -e '-go$')
  start_broker_at "$2"
  in_sync "$1-$2-back" "$2"
  expect_acks "$3" $many "$1-$2-back-sends"
  all_acks >"$scratch/acks-$2"
  expect_all "$1-$2-back" 75 "$scratch/acks-$2" "$3" 0 "" $(groups_of "$new")
  order_kept "$1-$2-back-order" once $(groups_of "$new")
  kill_consumers "$new"
}
# The disk of master a is thrown away; its slave's goes into its place, as the operator does it. `died` is done to both first.
disk_lost() { # mode
  rm -rf "$(home_of a)"
  mv "$(home_of as)" "$(home_of a)"
  start_broker_at a
  start_broker_at as
  in_sync "$1-new-slave" a
}

run_sync() {
  local mode=2m-2s-sync late
  start_pairs $mode
  say "== the slave dies, is stopped, is cut off =="
  kill_node as
  sleep 1
  expect_no_acks $mode-no-slave broker-a
  [ "$(others_of SLAVE_NOT_AVAILABLE broker-a)" -gt 0 ]
  check $mode-no-slave-said $? "$(cat "$scratch"/others.[0-9]* | cut -d' ' -f1,2 | sort | uniq -c)"
  expect_acks broker-b $many $mode-other-pair
  start_broker_at as
  in_sync $mode-slave-back a
  expect_acks broker-a $many $mode-slave-back-sends
  late=$(others_of FLUSH_SLAVE_TIMEOUT broker-a)
  kill -STOP "${pid[as]}"
  expect $mode-slave-stopped 10 "^more$" more_others FLUSH_SLAVE_TIMEOUT broker-a "$late"
  kill -CONT "${pid[as]}"
  expect_acks broker-a $many $mode-slave-continued
  if [ -z "$small" ]; then
    mute as a # The slave hears its master, the master hears nothing.
    sleep 5
    expect_no_acks $mode-deaf broker-a
    unmute as a
    expect_acks broker-a $many $mode-heard-again
    mute a as # The master's log does not reach the slave.
    sleep 5
    expect_no_acks $mode-mute broker-a
    unmute a as
    expect_acks broker-a $many $mode-speaks-again
    unplug as
    sleep 5
    expect_no_acks $mode-unplugged broker-a
    plug as
    expect_acks broker-a $many $mode-plugged
  fi
  say "== masters die =="
  master_dies $mode a broker-a
  [ -n "$small" ] || master_dies $mode b broker-b
  master_stops $mode b broker-b broker-a
  say "== name servers die =="
  name_servers_die $mode broker-a n1 n2 n3
  end_pairs $mode
  say "== the master's disk is thrown away =="
  start_producers
  wait_acks broker-a $many $mode-more
  kill_node a
  stop_producers
  stop_node as
  disk_lost $mode
  read_back $mode-disk-lost --broker broker-a
  compare_logs $mode-new-slave-log a as
  shut_down $mode
}

run_async() {
  local mode=2m-2s-async
  start_pairs $mode
  say "== slaves die, are stopped, are cut off: sends go on =="
  kill_node as
  expect_acks broker-a $many $mode-without-slave
  start_broker_at as
  in_sync $mode-slave-back a
  kill -STOP "${pid[bs]}"
  expect_acks broker-b $many $mode-slave-stopped
  kill -CONT "${pid[bs]}"
  in_sync $mode-slave-continued b
  if [ -z "$small" ]; then
    mute bs b
    expect_acks broker-b $many $mode-deaf
    sleep 5
    unmute bs b
    in_sync $mode-heard-again b
  fi
  say "== a master dies =="
  sleep 1
  master_dies $mode b broker-b 20 # Answered, and perhaps not copied yet: the disk is there, they come with the master.
  master_stops $mode a broker-a broker-b
  name_servers_die $mode broker-b n1 n2 n3
  end_pairs $mode
  say "== the master's disk is thrown away while its slave lags =="
  lagging_disk_lost $mode
  shut_down $mode
}
# Everything lost lies in the lag that was reported, or was acknowledged after the report.
lagging_disk_lost() { # mode
  local before lag after lost least=150 # Bytes of a record: 91 without its text.
  start_producers
  wait_acks broker-a $many "$1-more"
  kill -STOP "${pid[as]}"
  wait_acks broker-a $many "$1-lags"
  before=$(acks_of broker-a)
  lag=$(lag_of a)
  kill_node a
  stop_producers
  kill_consumers old$topics
  after=$(acks_of broker-a)
  kill_node as # With whatever lay in its socket.
  disk_lost "$1"
  all_acks >"$scratch/acks"
  (run_client own read --acks "$scratch/acks" --broker broker-a) >"$scratch/read.out" 2>"$scratch/read.err"
  lost=$(sed -n 's/.*lost or misplaced \([0-9]*\), out of order 0$/\1/p' "$scratch/read.out")
  [ -n "$lost" ] && [ "$lost" -gt 0 ] && [ "$lost" -le $((after - before + lag / least)) ]
  check "$1-disk-lost" $? "$(cat "$scratch/read.out"; tail -2 "$scratch/read.err")"
  say "     lag reported $lag bytes, $((after - before)) acknowledged since; lost $lost of $after acknowledged messages"
  compare_logs "$1-new-slave-log" a as
}
