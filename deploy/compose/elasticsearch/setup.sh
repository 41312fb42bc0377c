#!/bin/bash
# Makes Elasticsearch's users, and tells how long log lines are kept. It may be run as often as you like.
set -euo pipefail

secret() {
  local text
  text=$(<"/run/secrets/$1")
  if [[ ! $text =~ ^[A-Za-z0-9_-]{16,}$ ]]; then
    echo "secrets/$1 needs at least 16 letters, digits, dashes or underscores, and nothing else" >&2
    exit 1
  fi
  printf '%s' "$text"
}

admin=$(secret elasticsearch-password)
reader=$(secret elasticsearch-reader-password)
writer=$(secret elasticsearch-writer-password)

# The body is taken from standard input, and the password from a file, so that no list of processes shows them.
put() {
  curl --silent --show-error --fail --retry 10 --retry-connrefused \
    --config <(printf 'user = "elastic:%s"\n' "$admin") \
    --request PUT --header 'Content-Type: application/json' --data @- "http://elasticsearch:9200/$1" >/dev/null
  echo "$1 is there"
}

put _security/role/watchkeeper <<<'{
  "cluster": ["monitor"],
  "indices": [{ "names": ["logs-*"], "privileges": ["read", "view_index_metadata"] }]
}'
put _security/role/otel-collector <<<'{
  "cluster": ["monitor"],
  "indices": [{ "names": ["logs-*"], "privileges": ["auto_configure", "create_doc"] }]
}'
put _security/user/watchkeeper <<<"{ \"password\": \"$reader\", \"roles\": [\"watchkeeper\"] }"
put _security/user/otel-collector <<<"{ \"password\": \"$writer\", \"roles\": [\"otel-collector\"] }"

# Elasticsearch's own policy for logs keeps them for ever.
put _ilm/policy/watchkeeper-logs <<<'{
  "policy": {
    "phases": {
      "hot": { "actions": { "rollover": { "max_age": "1d", "max_primary_shard_size": "5gb" } } },
      "delete": { "min_age": "14d", "actions": { "delete": {} } }
    }
  }
}'
put _component_template/logs@custom <<<'{
  "template": { "settings": { "index.lifecycle.name": "watchkeeper-logs", "index.number_of_replicas": 0 } }
}'
