#!/bin/sh
# Puts kcat and jq into the folder named, from Debian's packages, as any user; where both are installed
# there is nothing to do. Ends with 1 and says what to install where that cannot be done.
set -eu
folder=$1

if command -v kcat >/dev/null && command -v jq >/dev/null; then
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "test-clients: install kcat and jq; only where apt-get is are they fetched" >&2
  exit 1
fi
mkdir -p "$folder"
cd "$folder"
# What would be installed, with the libraries that are missing here.
if ! apt-get install --simulate --no-install-recommends kcat jq >plan 2>trouble; then
  cat trouble >&2
  echo "test-clients: apt knows no package kcat: as root, run apt-get update or install kcat and jq" >&2
  exit 1
fi
awk '/^Inst/ {print $2}' plan | xargs apt-get --quiet=2 --option APT::Sandbox::User=root download
for package in *.deb; do
  dpkg --extract "$package" .
done
rm plan trouble ./*.deb
