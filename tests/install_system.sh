#!/usr/bin/env bash
# Programs that the tests marked "system" need, from Debian's packages; what is there is left as it is.
set -euo pipefail

need=()
command -v chromium >/dev/null || need+=(chromium)
command -v Rscript >/dev/null || need+=(r-base-core)
command -v sbatch >/dev/null || need+=(slurm-wlm)
command -v munged >/dev/null || need+=(munge)
for library in survival coin haven; do
  dpkg-query --show "r-cran-$library" >/dev/null 2>&1 || need+=("r-cran-$library")
done

if [ ${#need[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${need[@]}"
fi
