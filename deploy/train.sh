#!/usr/bin/env bash
# Fits the shipped weights again, from the labelled posts in the repository and the
# training data beside it. The same input gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${SHARED_DATA:-../shared/data}
exec ./bin/netra train \
  --out classifiers/linear/models/default.weights \
  --fusion classifiers/judge/fusion.json \
  "$shared/hate/okky_train.tsv" "$shared/stance/pilpres2019_train.tsv" \
  classifiers/evaluate/data/train-*.tsv
