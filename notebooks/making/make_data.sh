#!/bin/sh
# Make notebooks/data anew, in the private network; nothing leaves this machine. Half an
# hour, one run after another, so that none slows another down:
#
#     sh notebooks/making/make_data.sh FOLDER
#
# FOLDER must not be there yet; hold what comes out against notebooks/data before you
# put it in its place. Delays come again, to a fraction of a millisecond, not bit by bit.
set -eu
into=$(realpath "$1")
cd "$(dirname "$0")"
mkdir "$into"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
same=private-six-clouds.toml
slower=$work/one-slower.toml
{ sed 's/^name = "private-six-clouds"/name = "one-slower"/' "$same"; cat one-slower.toml; } > "$slower"

# measure NAME SCENARIO VANTAGE PLAN [OPTION...]
measure() {
  name=$1 scenario=$2 vantage=$3
  shift 3
  cloudgauge run "$@" --world --scenario "$scenario" --vantage-at "$vantage" \
    --results "$work/$name" -q -o "$work/$name.txt"
  # Beside the set lies what the network did; that stays behind.
  mv "$(dirname "$work/$name"/*/manifest.json)" "$into/$name"
}

measure private-first-look "$same" private-singapore first-look.toml
measure private-downloads "$same" private-singapore downloads.toml
measure private-south-east-asia "$same" private-bangkok south-east-asia -n 64 -d 5m --warm 2
measure private-tokyo "$same" private-singapore tokyo.toml
measure private-tokyo-again "$same" private-singapore tokyo.toml --seed 2
measure private-tokyo-one-slower "$slower" private-singapore tokyo.toml --seed 3
for city in singapore mumbai dubai frankfurt; do
  measure "private-$city" "$same" "private-$city" vantages.toml
done
cloudgauge merge "$into"/private-singapore "$into"/private-mumbai \
  "$into"/private-dubai "$into"/private-frankfurt --into "$into/private-four-vantages"
rm -r "$into"/private-singapore "$into"/private-mumbai "$into"/private-dubai \
  "$into"/private-frankfurt
python3 invented_pings.py "$into/invented-pings.csv"
cloudgauge verify "$into"/private-*
