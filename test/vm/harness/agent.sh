#!/usr/bin/env bash
# Inside a virtual machine, for as long as it runs: takes commands, a line each ("NUMBER BASE64"), from the serial port that run-in-vm has
# opened for VM_AGENT; what a command prints goes back there, then the line "@NUMBER ended with STATUS". Ends when nobody has asked for long: then
# the tests have been killed.
set -u
exec 3<>/dev/ttyS3
stty -F /dev/ttyS3 raw -echo
echo "@ready" >&3
while IFS=' ' read -rt 1500 number command <&3; do
  (eval "$(base64 -d <<<"$command")") </dev/null >&3 2>&1 3>&-
  printf '\n@%s ended with %d\n' "$number" $? >&3
done
