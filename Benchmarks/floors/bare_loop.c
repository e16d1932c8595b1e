/* The floor for a training step: the fastest way known to have libngspice solve its operating points.
 *
 *   bare_loop DECK STEPS SAMPLES [naive]
 *
 * A step alters every resistor at the deck's top level and solves the free and both nudged states of
 * each sample, whose external sources get new values each; all vectors are read. Sources are external
 * where their line ends with that word. A resistance in series with a clamp is a line that begins with
 * `hspicelearn`: its gain is 0 in the nudged states and 1e30 in the free ones. The deck must be linear
 * and name nothing spicelearnsweep.
 *
 * The default is one endless DC sweep that pauses once after each step, so that it is resumed once for
 * the next: to resume costs as much as three `alter` or ten small points. Clamps are therefore switched
 * from inside the callback that receives a point. `naive` is `op` for each point.
 *
 * Prints seconds of processor time per step, the median of nine parts of the run, and the growth of
 * resident memory.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <ngspice/sharedspice.h>

enum { MAX_LINES = 100000, MAX_NAME = 64, MAX_CLAMPS = 100, MAX_COMMAND = 1023, PARTS = 9 };

static char *lines[MAX_LINES + 4];
static int line_count;
static char resistor[MAX_LINES][MAX_NAME];
static double resistance[MAX_LINES];
static int resistor_count;
static char clamp[MAX_CLAMPS][MAX_NAME];
static int clamp_count;

static double *values;
static int value_count;
static long solutions;
static int points, samples;
static double source_level;
static bool failed;

static int on_text(char *text, int id, void *user) {
    (void)id, (void)user;
    /* Everything else is information. */
    if (strstr(text, "Error") || strstr(text, "aborted")) {
        fprintf(stderr, "%s\n", text);
        failed = true;
    }
    return 0;
}

static int on_exit_request(int status, NG_BOOL now, NG_BOOL quit, int id, void *user) {
    (void)now, (void)quit, (void)id, (void)user;
    fprintf(stderr, "ngspice gave up\n");
    _exit(status ? status : 70);
}

static int on_names(pvecinfoall info, int id, void *user) {
    (void)id, (void)user;
    if (info->veccount > value_count) {
        value_count = info->veccount;
        values = realloc(values, sizeof(double) * (size_t)value_count);
    }
    return 0;
}

static void switch_clamps(const char *gain) {
    char text[MAX_COMMAND + 1];
    int length = 0;
    for (int i = 0; i < clamp_count; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%salter %s gain=%s",
                           length ? ";" : "", clamp[i], gain);
    if (length) ngSpice_Command(text);
}

static int on_values(pvecvaluesall data, int count, int id, void *user) {
    (void)count, (void)id, (void)user;
    for (int i = 0; i < data->veccount; i++) values[i] = data->vecsa[i]->creal;
    solutions++;
    if (solutions % points == samples) switch_clamps("0");
    source_level = 0.1 * (double)(solutions % 10);
    return 0;
}

static int on_source(double *value, double time, char *name, int id, void *user) {
    (void)time, (void)name, (void)id, (void)user;
    *value = source_level;
    return 0;
}

static void command(const char *text) {
    char buffer[MAX_COMMAND + 1];
    snprintf(buffer, sizeof buffer, "%s", text);
    ngSpice_Command(buffer);
}

static void read_deck(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(66);
    }
    char text[4096];
    bool in_subcircuit = false;
    while (line_count < MAX_LINES && fgets(text, sizeof text, file)) {
        text[strcspn(text, "\r\n")] = 0;
        if (line_count > 0 && strncasecmp(text, ".end", 4) == 0 && !isalpha((unsigned char)text[4]))
            break;
        in_subcircuit |= strncasecmp(text, ".subckt", 7) == 0;
        in_subcircuit &= strncasecmp(text, ".ends", 5) != 0;
        if (strncasecmp(text, "hspicelearn", 11) == 0 && clamp_count < MAX_CLAMPS)
            sscanf(text, "%63s", clamp[clamp_count++]);
        char name[MAX_NAME];
        double value;
        if (line_count > 0 && !in_subcircuit && tolower((unsigned char)text[0]) == 'r'
            && sscanf(text, "%63s %*s %*s %lf", name, &value) == 2) {
            strcpy(resistor[resistor_count], name);
            resistance[resistor_count++] = value;
        }
        lines[line_count++] = strdup(text);
    }
    fclose(file);
    lines[line_count++] = strdup("vspicelearnsweep spicelearnsweep 0 0");
    lines[line_count++] = strdup(".end");
    lines[line_count] = NULL;
}

static void alter_all(long step) {
    char buffer[MAX_COMMAND + 1];
    int length = 0;
    for (int i = 0; i < resistor_count; i++) {
        double value = resistance[i] * (1 + 1e-3 * (double)((step * 7 + i * 3) % 11));
        char one[MAX_NAME + 64];
        int size = snprintf(one, sizeof one, "%salter %s=%.17g", length ? ";" : "", resistor[i], value);
        if (length + size > MAX_COMMAND) {
            ngSpice_Command(buffer);
            length = 0;
            size = snprintf(one, sizeof one, "alter %s=%.17g", resistor[i], value);
        }
        memcpy(buffer + length, one, (size_t)size + 1);
        length += size;
    }
    if (length) ngSpice_Command(buffer);
}

static void solve_in_sweep(void) {
    static bool paused;
    char text[32];
    snprintf(text, sizeof text, "step %d", paused ? points : points - 1);
    if (!paused) {
        command("save none"); /* vectors keep their last value only */
        command("stop after 1");
        command("dc vspicelearnsweep 0 1e-30 1e-30"); /* a stop that is never reached */
        command("delete all");
        paused = true;
    }
    ngSpice_Command(text);
}

static void solve_one_by_one(void) {
    for (int i = 0; i < points; i++) {
        command("op");
        command("destroy all");
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static long resident_kilobytes(void) {
    long all, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc < 4 || atol(argv[2]) < PARTS || atoi(argv[3]) < 1) {
        fprintf(stderr, "usage: %s DECK STEPS SAMPLES [naive]\n", argv[0]);
        return 64;
    }
    read_deck(argv[1]);
    long steps = atol(argv[2]) / PARTS;
    samples = atoi(argv[3]);
    points = 3 * samples;
    bool naive = argc > 4 && strcmp(argv[4], "naive") == 0;

    setenv("SPICE_SCRIPTS", "", 1); /* no start-up script of the system */
    int id = 0;
    ngSpice_Init(on_text, NULL, on_exit_request, on_values, on_names, NULL, NULL);
    ngSpice_Init_Sync(on_source, on_source, NULL, &id, NULL);
    command("optran 1 0 0 0 0 0");
    if (ngSpice_Circ(lines) != 0 || failed) return 65;

    double times[PARTS], sum = 0;
    long before = 0;
    for (int part = -1; part < PARTS; part++) { /* the first part warms up */
        double start = now();
        for (long step = 0; step < steps; step++) {
            alter_all(step);
            switch_clamps("1e30");
            if (naive) solve_one_by_one();
            else solve_in_sweep();
            ngSpice_Command(NULL); /* forget the commands */
            for (int i = 0; i < value_count; i++) sum += values[i];
        }
        if (part < 0) before = resident_kilobytes();
        else times[part] = (now() - start) / (double)steps;
    }
    if (failed || solutions != (PARTS + 1) * steps * points) return 70;
    qsort(times, PARTS, sizeof times[0], ascending);
    printf("%.3e s/step (%.3e to %.3e), %d resistors, %d points, %d vectors, %+ld kB, sum %.17g\n",
           times[PARTS / 2], times[0], times[PARTS - 1], resistor_count, points, value_count,
           resident_kilobytes() - before, sum);
    return 0;
}
