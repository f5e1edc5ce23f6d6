#!/bin/bash
# healthcheck.sh [PATH]
#
# Exit status 0 when seqd answers 200 to GET PATH, /livez by default: a container that
# still hands out numbers from memory while Redis is away must not be replaced. It needs
# nothing that a Debian image doesn't have, and asks the first address of SEQD_LISTEN.
address=${SEQD_LISTEN:-127.0.0.1:8080}
address=${address%%,*}
port=${address##*:}
host=${address%:*}
case $host in
    unix) echo "healthcheck: put a TCP address first in SEQD_LISTEN" >&2 && exit 1 ;;
    0.0.0.0) host=127.0.0.1 ;;
    '[::]') host=::1 ;;
    '['*) host=${host//[\[\]]/} ;;
esac

exec 3<>"/dev/tcp/$host/$port" || exit 1
printf 'GET %s HTTP/1.0\r\n\r\n' "${1:-/livez}" >&3 || exit 1
read -r -t 2 _ status _ <&3 || exit 1
[[ $status == 200 ]]
