/* A camera that connects by itself: birth, will, QoS 1, numbered reports, orderly end.
 *
 *     cc -O2 -Wall -o camera camera.c -lmosquitto          (Debian: libmosquitto-dev)
 *
 * What it is told stands in docs/samples/README.md. */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *identity; /* 371602/community/371602001001/cam-7 */
static char status_topic[160], report_topic[160];
static long long session; /* epoch ms of the CONNECT: the same in birth, will and end */
static bool is_up;
static int end_mid = -1; /* of the orderly end, once it is on its way */
static volatile sig_atomic_t stop;

static void on_signal(int number) {
    (void)number;
    stop = 1;
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void publish(struct mosquitto *client, const char *topic, const char *text, bool retain, int *mid) {
    int problem = mosquitto_publish_v5(client, mid, topic, (int)strlen(text), text, 1, retain, NULL);
    if (problem) fprintf(stderr, "not sent: %s\n", mosquitto_strerror(problem));
}

static void connected(struct mosquitto *client, void *data, int reason, int flags, const mosquitto_property *properties) {
    char text[96];
    (void)data, (void)flags, (void)properties;
    if (reason) {
        fprintf(stderr, "refused: %s\n", mosquitto_reason_string(reason));
        return;
    }
    is_up = true;
    snprintf(text, sizeof text, "{\"session\": %lld, \"state\": \"online\"}", session);
    publish(client, status_topic, text, true, NULL);
}

static void published(struct mosquitto *client, void *data, int mid, int reason, const mosquitto_property *properties) {
    (void)data, (void)properties;
    /* Such as 0x87: not this publisher's topic. */
    if (reason >= 0x80) fprintf(stderr, "not taken: %s\n", mosquitto_reason_string(reason));
    if (mid == end_mid) mosquitto_disconnect(client);
}

/* Each connection, also one that comes after a loss, is a session with a will of its own. */
static int begin(struct mosquitto *client, const char *host, int port) {
    char will[96];
    session = now_ms();
    int length = snprintf(will, sizeof will, "{\"session\": %lld, \"state\": \"offline\"}", session);
    mosquitto_will_set_v5(client, status_topic, length, will, 1, true, NULL);
    return mosquitto_connect_bind_v5(client, host, port, 30, NULL, NULL);
}

int main(void) {
    const char *host = getenv("MQTT_HOST"), *port = getenv("MQTT_PORT"), *ca = getenv("MQTT_CA");
    const char *reports = getenv("REPORTS"), *interval = getenv("INTERVAL_S");
    long long limit = reports ? atoll(reports) : 0, due_ms = 0;
    long long interval_ms = (long long)((interval ? atof(interval) : 60) * 1000);
    char text[256];

    identity = getenv("MQTT_USERNAME");
    if (!host || !identity) return fprintf(stderr, "set MQTT_HOST and MQTT_USERNAME\n"), 2;
    snprintf(status_topic, sizeof status_topic, "gigacity/v1/%s/status", identity);
    snprintf(report_topic, sizeof report_topic, "gigacity/v1/%s/telemetry", identity);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    mosquitto_lib_init();
    struct mosquitto *client = mosquitto_new(NULL, true, NULL);
    if (!client) return perror("mosquitto_new"), 1;
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_username_pw_set(client, identity, getenv("MQTT_PASSWORD"));
    if (ca) mosquitto_tls_set(client, ca, NULL, NULL, NULL, NULL);
    mosquitto_connect_v5_callback_set(client, connected);
    mosquitto_publish_v5_callback_set(client, published);

    int state = begin(client, host, port ? atoi(port) : 1883);
    for (long long seq = 0; end_mid == -1 || state == MOSQ_ERR_SUCCESS;) {
        if (state != MOSQ_ERR_SUCCESS) { /* the connection is gone: again, a second later */
            is_up = false;
            nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
            if (stop) break;
            state = begin(client, host, port ? atoi(port) : 1883);
            continue;
        }
        if (is_up && end_mid == -1 && (stop || (limit && seq == limit && now_ms() >= due_ms))) {
            snprintf(text, sizeof text, "{\"session\": %lld, \"state\": \"offline\", \"ts\": %lld, \"reason\": \"stop\"}", session, now_ms());
            publish(client, status_topic, text, true, &end_mid);
        } else if (is_up && end_mid == -1 && now_ms() >= due_ms) {
            due_ms = now_ms() + interval_ms;
            /* Here the hardware is asked. What it does not know is left out, never sent as 0. */
            snprintf(text, sizeof text,
                     "{\"ts\": %lld, \"seq\": %lld, \"kind\": \"camera\","
                     " \"values\": {\"intact\": true, \"picture\": true, \"bitrate_kbps\": 4096}}",
                     now_ms(), ++seq);
            publish(client, report_topic, text, false, NULL);
        }
        state = mosquitto_loop(client, 100, 1);
    }
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
    return 0;
}
