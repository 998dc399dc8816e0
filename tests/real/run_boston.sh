#!/usr/bin/env bash
# A real city's log through the same intake, models and metrics, in a home of its own.
# MOTCUA_HOME is that home (default data/real); the data stands beside the checkout, or in
# MOTCUA_REAL_DATA.
set -euo pipefail
cd "$(dirname "$0")/../.."
export MOTCUA_HOME="${MOTCUA_HOME:-data/real}"
data="${MOTCUA_REAL_DATA:-../shared/data}"
file="boston311_2011H2.csv.gz"

if [ ! -f "$data/$file" ]; then
    echo "make real: $data/$file is absent: the City of Boston's log is not part of the product" >&2
    exit 1
fi
mkdir -p "$MOTCUA_HOME"
cat >"$MOTCUA_HOME/sources.yml" <<YAML
sources:
  - id: boston-311
    name_vi: "Thành phố Boston, yêu cầu 311 (nửa cuối năm 2011)"
    kind: files
    dialect: boston311
    feed: dossiers
    files: {path: "$(cd "$data" && pwd)/$file", format: csv, after: keep}
YAML
.venv/bin/python -m pipelines.cli run
.venv/bin/python tests/real/compare_labels.py "$MOTCUA_HOME" "$data/$file"
