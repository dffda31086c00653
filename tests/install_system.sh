#!/usr/bin/env bash
# Programs that the tests marked "system" need, from Debian's packages; what is there is left as it is.
set -euo pipefail

need=()
command -v chromium >/dev/null || need+=(chromium)

if [ ${#need[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${need[@]}"
fi
