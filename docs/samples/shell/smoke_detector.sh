#!/bin/sh
# A smoke detector that connects by itself: birth, will, QoS 1, numbered reports, orderly end.
# Needs mosquitto_pub (Debian: mosquitto-clients). What it is told: docs/samples/README.md.
#
# mosquitto_pub serves one topic a connection, so birth and end are connections of their own, made
# before and after the one that reports; all three name the same session. After a lost connection
# mosquitto_pub connects again, but without a birth, so the session stays ended until this is
# started anew: good for trying things and for jobs, not for a device that runs for months.
set -eu

base="gigacity/v1/$MQTT_USERNAME" # gigacity/v1/371602/community/371602001001/smoke-1
now_ms() { date +%s%3N; }
session=$(now_ms)

# The password goes into a file that nobody else can read, not onto the command line.
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{
  printf '%s\n' "-h $MQTT_HOST" "-p ${MQTT_PORT:-1883}" "-V mqttv5" "-q 1"
  printf '%s\n' "-u $MQTT_USERNAME" "-P $MQTT_PASSWORD"
  [ -z "${MQTT_CA:-}" ] || printf '%s\n' "--cafile $MQTT_CA"
} >"$folder/mosquitto_pub"
export XDG_CONFIG_HOME="$folder"

status() { mosquitto_pub -r -t "$base/status" -m "$1"; }

# Here the hardware is asked. What it does not know is left out, never sent as 0.
reports() {
  seq=0
  while [ "$seq" -eq 0 ] || [ "$seq" -ne "${REPORTS:-0}" ]; do
    seq=$((seq + 1))
    printf '{"ts": %s, "seq": %s, "kind": "smoke_detector",' "$(now_ms)" "$seq"
    printf ' "values": {"alarm": false, "battery_pct": 97}}\n'
    sleep "${INTERVAL_S:-60}" >&2
  done
}

status "{\"session\": $session, \"state\": \"online\"}"
mkfifo "$folder/reports"
reports >"$folder/reports" &
reporter=$!
mosquitto_pub -l -t "$base/telemetry" \
  --will-topic "$base/status" --will-qos 1 --will-retain \
  --will-payload "{\"session\": $session, \"state\": \"offline\"}" <"$folder/reports" &
publisher=$!
# Told to stop, it says goodbye after what it has read is sent.
trap 'kill $reporter 2>/dev/null || true' INT TERM
wait $publisher || wait $publisher
status "{\"session\": $session, \"state\": \"offline\", \"ts\": $(now_ms), \"reason\": \"stop\"}"
