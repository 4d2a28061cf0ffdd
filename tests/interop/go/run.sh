#!/bin/sh
# Runs the Go client scenarios against a server that is already there.
#   run.sh --namesrv HOST:PORT --broker HOST:PORT [--filter REGEX] [--parallel N]
# Builds the program first. Exit status 0 only when everything passed.
cd "$(dirname "$0")" || exit 2
mkdir -p target
timeout 600 go build -o target/interop . || { echo "FAIL build of the Go scenarios"; exit 1; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ogive-interop-go.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
echo "== Go client $(go list -m -f '{{.Version}}' github.com/apache/rocketmq-client-go/v2) =="
HOME=$scratch timeout 900 target/interop "$@"
