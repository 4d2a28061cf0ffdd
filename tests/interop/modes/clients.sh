# The clients of modes.sh and what is expected of them. `kinds` names those that run side by side: java, go (official), own. Sourced by modes.sh.

run_client() { # kind, task, arguments … (in a function of its own process: the caller puts it into the background)
  local kind=$1 task=$2
  shift 2
  case $kind in
    java)
      exec java -Xmx256m -XX:+UseSerialGC "-Duser.home=$scratch" "-Drocketmq.client.logRoot=$scratch/logs" \
        -cp "$here/java/target/5.5.0/java-client-1.jar:$here/java/target/5.5.0/lib/*" ogive.interop.ReplicaMain "$task" "$@" --namesrv "$servers" --topic $topic
      ;;
    go) HOME=$scratch exec "$here/go/target/interop" replica "$task" --namesrv "$servers" --topic $topic "$@" ;;
    own) exec "$build/tests/interop/replica_client" "$task" "$@" --namesrv "$servers" --topic $topic ;;
  esac
}
# Reads everything back from the masters; the Java client where it is there.
read_back() { # name[, options …]
  local name=$1 reader=own
  shift
  [ "${kinds[0]}" = java ] && reader=java
  all_acks >"$scratch/acks"
  (run_client $reader read --acks "$scratch/acks" "$@") >"$scratch/read.out" 2>"$scratch/read.err"
  check "$name" $? "$(cat "$scratch/read.out"; tail -2 "$scratch/read.err")"
  say "     $(tail -1 "$scratch/read.out")"
}

# Each run of the producers has thread numbers of its own, so that ids stay unique.
first_thread=0
start_producers() {
  local kind
  rm -f "$scratch/stop"
  for kind in "${kinds[@]}"; do
    (run_client "$kind" send --acks "$scratch/acks.$first_thread" --others "$scratch/others.$first_thread" --stop-file "$scratch/stop" \
      --first-thread $first_thread --threads 2 --pause $([ -n "$small" ] && echo 1 || echo 4)) >"$scratch/producer-$kind.out" 2>&1 &
    pid[producer-$kind]=$!
    first_thread=$((first_thread + 10))
  done
}
stop_producers() {
  local kind
  touch "$scratch/stop"
  for kind in "${kinds[@]}"; do
    wait "${pid[producer-$kind]}"
    unset "pid[producer-$kind]"
    say "     $kind $(tail -1 "$scratch/producer-$kind.out")"
  done
}
start_consumers() { # prefix: group PREFIX-KIND for each kind
  local kind
  for kind in "${kinds[@]}"; do
    : >"$scratch/got-$1-$kind"
    (run_client "$kind" consume --group "$1-$kind" --out "$scratch/got-$1-$kind") >"$scratch/consumer-$1-$kind.out" 2>&1 &
    pid[G-$1-$kind]=$!
  done
}
kill_consumers() { local kind; for kind in "${kinds[@]}"; do kill_node "G-$1-$kind"; done; }
signal_consumers() { local kind; for kind in "${kinds[@]}"; do kill "-$2" "${pid[G-$1-$kind]}"; done; }

all_acks() { cat "$scratch"/acks.[0-9]*; }
acks_of() { all_acks | grep -c " $1 "; }
others_of() { cat "$scratch"/others.[0-9]* | grep -c "^$1 $2 "; }
more_others() { [ "$(others_of "$1" "$2")" -gt "$3" ] && echo more; }
count_in() { local count; count=$(grep -c " $1 " "$2" 2>/dev/null); echo "${count:-0}"; }
wait_acks() { # broker, more of them[, name]: each kind of client gets its part
  local kind until=$((SECONDS + 75)) file more=$(($2 / ${#kinds[@]})) left
  declare -A wanted
  for kind in "${!kinds[@]}"; do
    file=$scratch/acks.$((first_thread - 10 * (kind + 1)))
    wanted[$file]=$(($(count_in "$1" "$file") + more))
  done
  while [ $SECONDS -le $until ]; do
    left=
    for file in "${!wanted[@]}"; do [ "$(count_in "$1" "$file")" -ge "${wanted[$file]}" ] || left=$file; done
    [ -n "$left" ] || return 0
    sleep 0.1
  done
  fail "${3:-sends}" "only $(count_in "$1" "$left") of ${wanted[$left]} acknowledged by $1 (${left##*/}); $(cat "$scratch"/others.[0-9]* | tail -2)"
  return 1
}
expect_acks() { wait_acks "$1" "$2" "$3" && pass "$3"; }
expect_no_acks() { # name, broker: nothing is acknowledged for two seconds
  local before
  before=$(acks_of "$2")
  sleep 2
  [ "$(acks_of "$2")" = "$before" ]
  check "$1" $? "$2 acknowledged $(($(acks_of "$2") - before)) messages; $(cat "$scratch"/others.[0-9]* | cut -d' ' -f1,2 | sort | uniq -c)"
}

# Names the acknowledged messages of `broker` in the file that are not among what the group has got.
missing() { # acks file, broker, group
  awk -v broker="$2" 'FILENAME == ARGV[1] { got[$1 " " $2 " " $3 " " $4]; next } $2 == broker && !($0 in got)' "$scratch/got-$3" "$1"
}
expect_all() { # name, seconds, acks file, broker, how many may be missing, since ms ("": the time it took is not printed), groups …
  local name=$1 until=$((SECONDS + $2)) acks=$3 broker=$4 allowed=$5 since=$6 group left total
  local -a waiting
  shift 6
  total=$(grep -c " $broker " "$acks")
  while [ $# -gt 0 ]; do
    waiting=()
    for group in "$@"; do
      left=$(missing "$acks" "$broker" "$group" | wc -l)
      if [ "$left" -le "$allowed" ]; then
        pass "$name-$group"
        [ -z "$since" ] || say "     $group: all $total messages of $broker (missing $left) $(($(now_ms) - since)) ms after the master's death"
      elif [ $SECONDS -gt $until ]; then
        fail "$name-$group" "$left of $total acknowledged messages of $broker did not come: $(missing "$acks" "$broker" "$group" | head -2)"
      else
        waiting+=("$group")
      fi
    done
    set -- "${waiting[@]}"
    [ $# = 0 ] || sleep 0.2
  done
}
groups_of() { local kind; for kind in "${kinds[@]}"; do echo "$1-$kind"; done; }
# What one process got of each queue came in order and without gaps. It may go back only where a dead master that no slave replaced had not saved
# the group's offset ("again"). The Go client hands a queue's messages to several threads: of it only that each place held one message.
order_kept() { # name, again or once, groups …
  local name=$1 again=$2 group bad
  shift 2
  for group in "$@"; do
    bad=$(awk -v again=$again -v go=$([[ $group = *-go ]] && echo 1 || echo 0) '{ q = $2 " " $3; place = q " " $4
        if (place in seen && seen[place] != $1) print place, "is", $1, "and", seen[place]
        if (!go && q in last && $4 > last[q] + 1) print q, "offset", $4, "after", last[q]
        if (!go && again == "once" && place in seen) print q, "offset", $4, "again after", last[q]
        last[q] = $4; seen[place] = $1 }' "$scratch/got-$group" | head -3)
    [ -z "$bad" ]
    check "$name-$group" $? "$bad"
  done
}
# Answers name each place once, and each thread's messages of a queue have growing offsets.
offsets_grow() { # name
  local bad
  bad=$(all_acks | awk '{ place = $2 " " $3 " " $4; split($1, part, "-"); q = $2 " " $3 " " part[1]
      if (place in taken) print place, "is", taken[place], "and", $1
      if (q in last && $4 <= last[q]) print q, "offset", $4, "after", last[q]
      taken[place] = $1; last[q] = $4 }' | head -3)
  [ -z "$bad" ]
  check "$1" $? "$bad"
}

# What every master and slave knows of one group, five times a second.
start_watch() { # group
  (run_own_watch "$1") >"$scratch/watch.err" 2>&1 &
  pid[G-watch]=$!
}
run_own_watch() { exec "$build/tests/interop/replica_client" watch --group "$1" --out "$scratch/watch" --namesrv "$servers" --topic $topic; }
# No broker's queue ends go back, and no group's offset at a broker; at one that was killed the latter counts from its return.
end_watch() { # name
  local bad
  kill_node G-watch
  bad=$(awk '$2 == "down" { downs[$1]++; next } { q = $1 " " $2; g = q " " downs[$1]
      if (q in end && $4 < end[q]) print q, "ends at", $4, "after", end[q]
      if (g in offset && $3 < offset[g]) print q, "group at", $3, "after", offset[g]
      end[q] = $4; offset[g] = $3; lines++ } END { if (lines < 10) print "only", lines + 0, "looks" }' "$scratch/watch" | head -3)
  [ -z "$bad" ]
  check "$1" $? "$bad"
}
