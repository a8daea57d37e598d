#!/bin/sh
# Validates the folders given, or this one, in any CI that runs a shell.
# Findings go into the log, and into provisioner.xml as JUnit.
# Ends as `provisioner validate` does: 0 clean, 1 findings, 2 no verdict and no report.
set -eu

[ "$#" -gt 0 ] || set -- .
rm -f provisioner.xml

status=0
provisioner validate "$@" --format junit -o provisioner.xml || status=$?
if [ "$status" -eq 1 ]; then
    provisioner validate "$@" || true
fi
exit "$status"
