/*
 * Benchmark peer over libzmq in C: the scenes of scenes/ that compare speed,
 * with the same arguments and answers. The suite compiles it:
 *
 *     cc -O2 -o libzmq libzmq.c -lzmq -lpthread
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { KIND = 8, PROBE = 'p', DATA = 'd', END = 'e' };

static int argument_count;
static char **arguments;
static void *context;

static const char *text(const char *name) {
    size_t length = strlen(name);
    for (int i = 2; i < argument_count; i++)
        if (strncmp(arguments[i], name, length) == 0 && arguments[i][length] == '=')
            return arguments[i] + length + 1;
    return NULL;
}

static long number(const char *name, long fallback) {
    const char *value = text(name);
    return value ? atol(value) : fallback;
}

static void check(int is_fine, const char *what) {
    if (is_fine) return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Whether the suite has said something, or has gone; takes one line. */
static int is_told(int timeout_ms, char *line, int size) {
    struct pollfd in = {0, POLLIN, 0};
    if (poll(&in, 1, timeout_ms) <= 0) return 0;
    int length = 0;
    char c;
    while (read(0, &c, 1) == 1 && c != '\n')
        if (length < size - 1) line[length++] = c;
    line[length] = 0;
    if (length == 0) strcpy(line, "stop");
    return 1;
}

static void set(void *socket, int option, const char *name) {
    const char *value = text(name);
    if (value) check(zmq_setsockopt(socket, option, value, strlen(value)) == 0, name);
}

static void *open_socket(int type) {
    void *socket = zmq_socket(context, type);
    check(socket != NULL, "zmq_socket");
    int hwm = (int)number("hwm", 1000);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &hwm, sizeof hwm);
    if (text("server_secret")) {
        int on = 1;
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on);
        set(socket, ZMQ_CURVE_SECRETKEY, "server_secret");
    }
    set(socket, ZMQ_CURVE_SERVERKEY, "server_key");
    set(socket, ZMQ_CURVE_PUBLICKEY, "public");
    set(socket, ZMQ_CURVE_SECRETKEY, "secret");
    return socket;
}

static void *bound(int type) {
    void *socket = open_socket(type);
    check(zmq_bind(socket, text("bind")) == 0, "zmq_bind");
    char endpoint[256];
    size_t size = sizeof endpoint;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    printf("{\"endpoint\":\"%s\"}\n", endpoint);
    return socket;
}

static void *connected(int type) {
    void *socket = open_socket(type);
    check(zmq_connect(socket, text("connect")) == 0, "zmq_connect");
    return socket;
}

static void receive_all(void *socket, long count) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (; count > 0; count--) check(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
    zmq_msg_close(&message);
}

static void send_all(void *socket, long count, size_t size) {
    char *body = malloc(size);
    memset(body, 'a', size);
    for (; count > 0; count--) check(zmq_send(socket, body, size, 0) >= 0, "send");
    free(body);
}

static void pull(void) {
    void *socket = bound(ZMQ_PULL);
    receive_all(socket, number("warm", 0));
    double start = now_us();
    receive_all(socket, number("count", 0) - number("warm", 0));
    printf("{\"ms\":%f}\n", (now_us() - start) / 1000);
    zmq_close(socket);
}

static void push(void) {
    void *socket = connected(ZMQ_PUSH);
    send_all(socket, number("count", 0), number("size", 0));
    char line[64]; /* over ipc, libzmq loses the last messages of a sender that closes at once */
    is_told(-1, line, sizeof line);
    zmq_close(socket);
}

static void *send_inproc(void *unused) {
    void *socket = open_socket(ZMQ_PUSH);
    zmq_connect(socket, "inproc://bench");
    send_all(socket, number("count", 0), number("size", 0));
    zmq_close(socket);
    return unused;
}

static void inproc(void) {
    void *socket = open_socket(ZMQ_PULL);
    check(zmq_bind(socket, "inproc://bench") == 0, "zmq_bind");
    pthread_t sender;
    pthread_create(&sender, NULL, send_inproc, NULL);
    receive_all(socket, number("warm", 0));
    double start = now_us();
    receive_all(socket, number("count", 0) - number("warm", 0));
    printf("{\"ms\":%f}\n", (now_us() - start) / 1000);
    pthread_join(sender, NULL);
    zmq_close(socket);
}

static void rep(void) {
    void *socket = bound(ZMQ_REP);
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (long left = number("warm", 0) + number("count", 0); left > 0; left--) {
        check(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        check(zmq_msg_send(&message, socket, 0) >= 0, "send");
    }
    zmq_close(socket);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void req(void) {
    void *socket = connected(ZMQ_REQ);
    long count = number("count", 0), size = number("size", 0);
    double *times = malloc(count * sizeof *times);
    for (long i = -number("warm", 0); i < count; i++) {
        double start = now_us();
        send_all(socket, 1, size);
        receive_all(socket, 1);
        if (i >= 0) times[i] = now_us() - start;
    }
    qsort(times, count, sizeof *times, by_size);
    printf("{\"p50\":%f,\"p99\":%f,\"p999\":%f}\n", times[count / 2],
           times[count * 99 / 100], times[count * 999 / 1000]);
    zmq_close(socket);
}

static void publish(void *socket, long topic, size_t size, char kind) {
    char body[1 << 16];
    memset(body, 'a', size);
    snprintf(body, sizeof body, "t%07ld", topic);
    body[KIND] = kind;
    check(zmq_send(socket, body, size, 0) >= 0, "publish");
}

static void pub(void) {
    void *socket = bound(ZMQ_PUB);
    char line[64];
    long topics = number("topics", 1), size = number("size", 64);
    for (long pass = number("passes", 1); pass > 0; pass--) {
        while (!is_told(5, line, sizeof line)) publish(socket, 0, 64, PROBE);
        for (long i = 0; i < number("count", 0); i++) publish(socket, i % topics, size, DATA);
        while (!is_told(5, line, sizeof line)) publish(socket, 0, 64, END);
    }
    zmq_close(socket);
}

static void *subscribed(void) {
    void *socket = open_socket(ZMQ_SUB);
    int unlimited = 0;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    for (long topic = 0; topic < number("topics", 1); topic++) {
        char name[32];
        snprintf(name, sizeof name, "t%07ld", topic);
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, name, KIND);
    }
    check(zmq_connect(socket, text("connect")) == 0, "zmq_connect");
    return socket;
}

/* One pass: `is_ready` is what each socket has heard of it. */
static void listen_to(zmq_pollitem_t *items, char *is_ready, int count) {
    int unready = count, open = count;
    long received = 0;
    double start = 0;
    char body[1 << 16];
    memset(is_ready, 0, count);
    for (int i = 0; i < count; i++) items[i].events = ZMQ_POLLIN;
    while (open > 0) {
        check(zmq_poll(items, count, -1) >= 0, "zmq_poll");
        for (int i = 0; i < count; i++) {
            if (!(items[i].revents & ZMQ_POLLIN)) continue;
            while (zmq_recv(items[i].socket, body, sizeof body, ZMQ_DONTWAIT) >= 0) {
                if (body[KIND] == DATA) {
                    if (received++ == 0) start = now_us();
                } else if (body[KIND] == PROBE) {
                    if (is_ready[i]) continue;
                    is_ready[i] = 1;
                    if (--unready == 0) printf("{\"ready\":true}\n");
                } else if (is_ready[i]) { /* else it is the end of the last pass */
                    items[i].events = 0;
                    open--;
                    break;
                }
            }
        }
    }
    printf("{\"ms\":%f,\"received\":%ld}\n", (now_us() - start) / 1000, received);
}

static void sub(void) {
    int count = (int)number("sockets", 1);
    zmq_pollitem_t *items = calloc(count, sizeof *items);
    char *is_ready = calloc(count, 1);
    for (int i = 0; i < count; i++) items[i].socket = subscribed();
    for (long pass = number("passes", 1); pass > 0; pass--) listen_to(items, is_ready, count);
    for (int i = 0; i < count; i++) zmq_close(items[i].socket);
}

static long memory(void) {
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return -1;
    if (fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = -1;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void router(void) {
    void *socket = bound(ZMQ_ROUTER);
    zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN, 0}, {NULL, 0, ZMQ_POLLIN, 0}};
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (;;) {
        check(zmq_poll(items, 2, -1) >= 0, "zmq_poll");
        while (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0) {
            int more = zmq_msg_more(&message);
            check(zmq_msg_send(&message, socket, more ? ZMQ_SNDMORE : 0) >= 0, "send");
        }
        char line[64];
        if (!(items[1].revents & ZMQ_POLLIN) || !is_told(0, line, sizeof line)) continue;
        if (strcmp(line, "stop") == 0) break;
        printf("{\"memory\":%ld}\n", memory());
    }
    int none = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_close(socket);
}

int main(int count, char **values) {
    static const struct { const char *name; void (*play)(void); } scenes[] = {
        {"pull", pull}, {"push", push}, {"inproc", inproc}, {"rep", rep}, {"req", req},
        {"pub", pub}, {"sub", sub}, {"router", router}};
    argument_count = count;
    arguments = values;
    setvbuf(stdout, NULL, _IOLBF, 0);
    context = zmq_ctx_new();
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (count > 1 && strcmp(values[1], scenes[i].name) == 0) {
            scenes[i].play();
            zmq_ctx_term(context);
            return 0;
        }
    fprintf(stderr, "There is no scene \"%s\"\n", count > 1 ? values[1] : "");
    return 1;
}
