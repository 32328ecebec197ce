// A gateway that reports for its devices in bundles: birth, will, QoS 1, numbered, orderly end.
// Needs mqtt 5 (npm install). What it is told stands in docs/samples/README.md.
'use strict';

const fs = require('node:fs');
const mqtt = require('mqtt');

const { MQTT_HOST, MQTT_PORT = '1883', MQTT_USERNAME, MQTT_PASSWORD, MQTT_CA } = process.env;
const { REPORTS = '0', INTERVAL_S = '60' } = process.env;
const base = `gigacity/v1/${MQTT_USERNAME}`; // gigacity/v1/371602/gateway/gw-1
const kept = { qos: 1, retain: true };

let session = Date.now(); // of the CONNECT: the same in birth, will and end of one connection
const status = (more) => JSON.stringify({ session, ...more });
const will = () => ({ topic: `${base}/status`, payload: status({ state: 'offline' }), ...kept });

const client = mqtt.connect(`${MQTT_CA ? 'mqtts' : 'mqtt'}://${MQTT_HOST}:${MQTT_PORT}`, {
  protocolVersion: 5,
  username: MQTT_USERNAME,
  password: MQTT_PASSWORD,
  ca: MQTT_CA && fs.readFileSync(MQTT_CA),
  keepalive: 30,
  reconnectPeriod: 1000,
  will: will(),
});
// A connection that comes after a loss is a session of its own.
client.on('reconnect', () => {
  session = Date.now();
  client.options.will = will();
});
client.on('connect', () => client.publish(`${base}/status`, status({ state: 'online' }), kept));
client.on('error', (error) => console.error(`refused: ${error.message}`));

// Here the devices are asked. What they do not know is left out, never sent as 0.
function readDevices() {
  const ts = Date.now();
  return [
    { community: '371602001001', device: 'cam-7', ts, kind: 'camera', values: { intact: true, picture: true } },
    { community: '371602001001', device: 'smoke-1', ts, kind: 'smoke_detector', values: { alarm: false, battery_pct: 97 } },
  ];
}

let seq = 0;
function report() {
  seq += 1;
  // Kept by mqtt.js while the connection is away, and sent afterwards, each with its own ts.
  client.publish(`${base}/bundle`, JSON.stringify({ seq, reports: readDevices() }), { qos: 1 }, (error) => {
    if (error) console.error(`not taken: ${error.message}`); // such as 0x87: not this publisher's topic
  });
  if (seq === Number(REPORTS)) stop();
}

function stop() {
  clearInterval(timer);
  const end = status({ state: 'offline', ts: Date.now(), reason: 'stop' });
  client.publish(`${base}/status`, end, kept, () => client.end());
}

const timer = setInterval(report, Number(INTERVAL_S) * 1000);
client.once('connect', report);
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
