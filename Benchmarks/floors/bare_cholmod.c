/* The floor for a step of the sparse engine: CHOLMOD's numeric factorization and the solutions, nothing else.
 *
 *   bare_cholmod DECK STEPS SOLVES [simplicial|supernodal]
 *
 * The matrix is the Laplacian of the nodes that no voltage source touches. Each step gives every resistor
 * of the deck a new value, then factors and solves for SOLVES right-hand sides at once. The symbolic
 * analysis is done once and not counted, nor is the assembly of the matrix. Without a fourth argument
 * CHOLMOD chooses the form.
 *
 * Prints the seconds of a factorization and of the solutions, a line for each step.
 */
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <suitesparse/cholmod.h>

enum { MAX_NAME = 64, MAX_LINE = 4096, WARM_UP = 1 };

struct resistor {
    long a, b; /* unknown nodes, or −1 where the node is held */
    double conductance;
};

static struct resistor *resistors;
static long resistor_count, unknown_count;

static void fail(const char *text) {
    fprintf(stderr, "%s\n", text);
    exit(70);
}

/* The number of a node: −1 for one that is held, the next free one for one that is new. */
static long node(const char *name, bool held) {
    ENTRY entry = {.key = (char *)name, .data = NULL};
    ENTRY *found = hsearch(entry, FIND);
    if (!found) {
        entry.key = strdup(name);
        entry.data = (void *)(held ? -1 : unknown_count++);
        found = hsearch(entry, ENTER);
        if (!found) fail("too many nodes");
    }
    return (long)found->data;
}

/* Sources stand before the resistors. */
static void read_deck(const char *path) {
    FILE *file = fopen(path, "r");
    char line[MAX_LINE], name[MAX_NAME], a[MAX_NAME], b[MAX_NAME];
    if (!file) {
        perror(path);
        exit(66);
    }
    long lines = 0;
    while (fgets(line, sizeof line, file)) lines++;
    rewind(file);
    if (!hcreate(2 * (size_t)lines)) fail("out of memory");
    resistors = malloc(sizeof *resistors * (size_t)lines);
    node("0", true);
    if (!fgets(line, sizeof line, file)) fail("an empty deck");
    while (fgets(line, sizeof line, file)) {
        double value;
        if (line[0] == 'V' && sscanf(line, "%63s %63s %63s", name, a, b) == 3) {
            node(a, true);
            node(b, true);
        } else if (line[0] == 'R' && sscanf(line, "%63s %63s %63s %lf", name, a, b, &value) == 4) {
            resistors[resistor_count++] = (struct resistor){node(a, false), node(b, false), 1 / value};
        }
    }
    fclose(file);
}

/* The upper triangle of the Laplacian, with values of this step. */
static cholmod_sparse *laplacian(cholmod_triplet *terms, long step, cholmod_common *common) {
    int *row = terms->i, *column = terms->j;
    double *value = terms->x;
    size_t count = 0;
    for (long r = 0; r < resistor_count; r++) {
        long a = resistors[r].a, b = resistors[r].b;
        double k = resistors[r].conductance * (1 + 1e-3 * (double)((step * 7 + r * 3) % 11));
        long rows[] = {a, b, a < b ? a : b}, columns[] = {a, b, a < b ? b : a};
        for (int t = 0; t < 3; t++) {
            if (rows[t] < 0) continue;
            row[count] = (int)rows[t];
            column[count] = (int)columns[t];
            value[count++] = t == 2 ? -k : k;
        }
    }
    terms->nnz = count;
    cholmod_sparse *matrix = cholmod_triplet_to_sparse(terms, 0, common);
    if (!matrix) fail("out of memory");
    return matrix;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 4 || atol(argv[2]) < 1 || atol(argv[3]) < 1) {
        fprintf(stderr, "usage: %s DECK STEPS SOLVES [simplicial|supernodal]\n", argv[0]);
        return 64;
    }
    read_deck(argv[1]);
    long steps = atol(argv[2]), solves = atol(argv[3]);

    cholmod_common common;
    cholmod_start(&common);
    if (argc > 4)
        common.supernodal =
            strcmp(argv[4], "simplicial") == 0 ? CHOLMOD_SIMPLICIAL : CHOLMOD_SUPERNODAL;
    size_t n = (size_t)unknown_count;
    cholmod_triplet *terms =
        cholmod_allocate_triplet(n, n, 3 * (size_t)resistor_count, 1, CHOLMOD_REAL, &common);
    cholmod_dense *right = cholmod_zeros(n, (size_t)solves, CHOLMOD_REAL, &common);
    if (!terms || !right) fail("out of memory");
    for (long s = 0; s < solves; s++)
        ((double *)right->x)[s * unknown_count + s * unknown_count / solves] = 1;

    cholmod_sparse *matrix = laplacian(terms, 0, &common);
    cholmod_factor *factor = cholmod_analyze(matrix, &common);
    cholmod_dense *solution = NULL, *workspace = NULL, *permuted = NULL;
    for (long step = -WARM_UP; step < steps; step++) {
        cholmod_free_sparse(&matrix, &common);
        matrix = laplacian(terms, step + WARM_UP, &common);
        double start = now();
        if (!cholmod_factorize(matrix, factor, &common) || common.status != CHOLMOD_OK)
            fail("the matrix is not positive definite");
        double factored = now();
        if (!cholmod_solve2(CHOLMOD_A, factor, right, NULL, &solution, NULL, &workspace, &permuted,
                            &common))
            fail("no solution");
        if (step >= 0) printf("%.6e %.6e\n", factored - start, now() - factored);
    }
    return 0;
}
