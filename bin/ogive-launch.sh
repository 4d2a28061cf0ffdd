# Sourced by the launchers. Finds the home directory and the binary, then becomes the binary.
#
#   ogive_launch <path of the launcher, links followed> <subcommand> [arguments …]
#
# The home directory is the parent of the launcher's own directory unless ROCKETMQ_HOME says otherwise. The binary is looked
# for in $OGIVE_BINARY, then beside the launcher (an installed tree), in lib/, and in the build directories of a source tree.

ogive_find_binary() {
  for ogive_candidate in "${OGIVE_BINARY:-}" "$1/ogive" "$1/../lib/ogive" "$1/../build/release/apps/ogive/ogive" \
    "$1/../build/debug/apps/ogive/ogive"; do
    if [ -n "$ogive_candidate" ] && [ -f "$ogive_candidate" ] && [ -x "$ogive_candidate" ]; then
      echo "$ogive_candidate"
      return 0
    fi
  done
  return 1
}

ogive_launch() {
  ogive_bin=$(cd "$(dirname "$1")" && pwd)
  ogive_subcommand=$2
  shift 2

  if [ -z "${ROCKETMQ_HOME:-}" ]; then
    ROCKETMQ_HOME=$(cd "$ogive_bin/.." && pwd)
  fi
  export ROCKETMQ_HOME

  if ! ogive_binary=$(ogive_find_binary "$ogive_bin"); then
    echo "No ogive binary beside $ogive_bin. In a source tree run ./quickstart, or: cmake --preset release && cmake --build --preset release --target ogive" >&2
    exit 127
  fi

  # What only a JVM understands is dropped, and said once. "$@" is rebuilt word by word so that blanks survive.
  ogive_dropped=
  [ -n "${JAVA_OPT:-}" ] && ogive_dropped="$ogive_dropped JAVA_OPT"
  [ -n "${JAVA_OPT_EXT:-}" ] && ogive_dropped="$ogive_dropped JAVA_OPT_EXT"
  ogive_count=$#
  while [ "$ogive_count" -gt 0 ]; do
    ogive_word=$1
    shift
    ogive_count=$((ogive_count - 1))
    case $ogive_word in
      -Xm[sxn]* | -Xss* | -Xlog* | -XX:* | -server | -D?*=* | --jvm | --jvm=* | -javaagent:*)
        ogive_dropped="$ogive_dropped $ogive_word" ;;
      *) set -- "$@" "$ogive_word" ;;
    esac
  done
  if [ -n "$ogive_dropped" ]; then
    echo "ignored, there is no JVM to take it:$ogive_dropped" >&2
  fi

  exec "$ogive_binary" "$ogive_subcommand" "$@"
}
