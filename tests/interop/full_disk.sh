#!/bin/bash
# Fills a small file system of its own (a loop-mounted image) under a broker that is being written to: sends must be refused with a code
# clients retry on, nothing may grow past the limit by more than one segment, reads must go on, and writing must return within two seconds
# after space appears, without a restart. Needs root and mkfs.ext4; otherwise it is skipped loudly.
cd "$(dirname "$0")" || exit 2
. ./server.sh
[ "$(id -u)" = 0 ] && command -v mkfs.ext4 >/dev/null || { skip "full disk: needs root and mkfs.ext4"; exit 0; }
ogive=$SOURCE_DIR/build/release/apps/ogive/ogive
[ -x "$ogive" ] || { skip "full disk: $ogive is not built"; exit 0; }
SERVER=ogive
SERVER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ogive-full-disk.XXXXXX")
mounted=
cleanup() {
  server_stop_broker
  [ -z "$mounted" ] || umount "$SERVER_DIR/store"
  rm -rf "$SERVER_DIR"
}
server_stop_broker() { stop_pid "$BROKER_PID" TERM; stop_pid "$NAMESRV_PID" TERM; wait 2>/dev/null; BROKER_PID=; NAMESRV_PID=; }
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() { say "FAIL full disk: $*"; tail -3 "$SERVER_DIR/broker.out"; exit 1; }

segment=16777216
pick_ports || exit 1
BROKER_CONF_EXTRA="mappedFileSizeCommitLog=$segment
cleanFileForciblyEnable=false
flushDiskType=ASYNC_FLUSH"
write_conf
sed -i '/^mappedFileSizeCommitLog=67108864/d' "$SERVER_DIR/broker.conf"
dd if=/dev/zero of="$SERVER_DIR/disk" bs=1M count=400 status=none && mkfs.ext4 -q -m 0 "$SERVER_DIR/disk" || exit 1
mount -o loop "$SERVER_DIR/disk" "$SERVER_DIR/store" 2>/dev/null || { skip "full disk: loop mounts do not work here"; exit 0; }
mounted=yes
dd if=/dev/zero of="$SERVER_DIR/store/ballast" bs=1M count=100 status=none

start_namesrv
wait_boot "$SERVER_DIR/namesrv.out" "$NAMESRV_PID" "name server" || exit 1
start_broker
wait_boot "$SERVER_DIR/broker.out" "$BROKER_PID" broker || exit 1
bench() { "$ogive" bench "$@" --server "127.0.0.1:$BROKER_PORT" --topic FullDisk 2>&1; }
used() { df --output=used -B1 "$SERVER_DIR/store" | tail -1; }
size() { df --output=size -B1 "$SERVER_DIR/store" | tail -1; }

bench produce -c 8 -i 16 -b 2048 -t 10 -w 0 > /dev/null
out=$(bench produce -c 1 -i 1 -b 2048 -t 1 -w 0)
say "$out" | grep -iE "refused|full|code" | head -3
say "$out" | grep -qiE "% full|left" || fail "the refusal does not say why: $out"
used=$(used)
limit=$(( $(size) * 90 / 100 ))
say "used $used of $(size) bytes, limit $limit"
[ "$used" -le $((limit + segment)) ] || fail "grown past the limit by more than a segment"
kill -0 "$(process_tree "$BROKER_PID" | head -1)" 2>/dev/null || fail "the broker is gone"
sleep 1
[ "$(used)" -le $((limit + segment)) ] || fail "goes on growing"

rm "$SERVER_DIR/store/ballast"
sleep 2
out=$(bench produce -c 1 -i 1 -b 2048 -t 1 -w 0)
say "$out" | head -2
say "$out" | grep -q REFUSED && fail "still refused two seconds after space appeared: $out"
say "PASS full disk"
