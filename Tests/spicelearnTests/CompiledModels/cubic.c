/* A compiled model as a Verilog-A compiler makes it, in OSDI 0.3: i = (v + v³) / r.
 *
 *     module cubic(p, n);
 *       parameter real r = 1k;
 *       analog I(p, n) <+ (V(p, n) + pow(V(p, n), 3)) / r;
 *     endmodule
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NONE = UINT32_MAX, SET = 1, INSTANCE_PARAMETER = 1 << 30, RESISTIVE = 4 };

typedef struct { uint32_t flags, error_count; void *errors; } InitInfo;
typedef struct { uint32_t node_1, node_2; } NodePair;
typedef struct { NodePair nodes; uint32_t react_offset, flags; } JacobianEntry;
typedef struct {
    char *name, *units, *residual_units;
    uint32_t resist_residual, react_residual, resist_limit, react_limit;
    bool is_flow;
} Node;
typedef struct {
    char **names;
    uint32_t alias_count;
    char *description, *units;
    uint32_t flags, length;
} Parameter;
typedef struct {
    struct { char **names; double *values; char **text_names, **texts; } parameters;
    double time, *solution, *state, *next_state;
    uint32_t flags;
} SimulationInfo;

typedef struct {
    char *name;
    uint32_t node_count, terminal_count;
    Node *nodes;
    uint32_t jacobian_count;
    JacobianEntry *jacobian;
    uint32_t collapsible_count;
    NodePair *collapsible;
    uint32_t collapsed_offset;
    void *noise;
    uint32_t noise_count, parameter_count, instance_parameter_count, variable_count;
    Parameter *parameters;
    uint32_t node_offset, jacobian_offset, state_count, state_offset, bound_step_offset;
    uint32_t instance_size, model_size;
    void *(*access)(void *, void *, uint32_t, uint32_t);
    void (*setup_model)(void *, void *, void *, InitInfo *);
    void (*setup_instance)(void *, void *, void *, double, uint32_t, void *, InitInfo *);
    uint32_t (*eval)(void *, void *, const void *, const SimulationInfo *);
    void (*noise_density)(void *, void *, double, double *);
    void (*residual_resist)(void *, void *, double *);
    void (*residual_react)(void *, void *, double *);
    void (*limit_resist)(void *, void *, double *);
    void (*limit_react)(void *, void *, double *);
    void (*right_side_dc)(void *, void *, double *, double *);
    void (*right_side_tran)(void *, void *, double *, double *, double);
    void (*jacobian_resist)(void *, void *);
    void (*jacobian_react)(void *, void *, double);
    void (*jacobian_tran)(void *, void *, double);
} Descriptor;

typedef struct { double r; bool is_given; } Model;
typedef struct {
    double multiplicity, voltage, current, conductance, *jacobian[4];
    uint32_t nodes[2], states[2];
    bool collapsed[2];
} Instance;

static void *access_parameter(void *instance, void *model, uint32_t id, uint32_t flags) {
    if (id == 0) return instance ? &((Instance *)instance)->multiplicity : NULL;
    if (id != 1 || !model) return NULL;
    if (flags & SET) ((Model *)model)->is_given = true;
    return &((Model *)model)->r;
}

static void setup_model(void *handle, void *model, void *simulation, InitInfo *result) {
    if (!((Model *)model)->is_given) ((Model *)model)->r = 1000;
    *result = (InitInfo){0, 0, NULL};
}

static void setup_instance(
    void *handle, void *instance, void *model, double temperature, uint32_t terminals,
    void *simulation, InitInfo *result) {
    Instance *self = instance;
    if (self->multiplicity == 0) self->multiplicity = 1;
    *result = (InitInfo){0, 0, NULL};
}

static uint32_t eval(
    void *handle, void *instance, const void *model, const SimulationInfo *info) {
    Instance *self = instance;
    double v = info->solution[self->nodes[0]] - info->solution[self->nodes[1]];
    double factor = self->multiplicity / ((const Model *)model)->r;
    self->voltage = v;
    self->current = factor * (v + v * v * v);
    self->conductance = factor * (1 + 3 * v * v);
    return 0;
}

static void nothing(void *instance, void *model, double *values) {}
static void no_noise(void *instance, void *model, double frequency, double *density) {}
static void no_capacitance(void *instance, void *model, double alpha) {}

static void residual(void *instance, void *model, double *values) {
    Instance *self = instance;
    values[self->nodes[0]] += self->current;
    values[self->nodes[1]] -= self->current;
}

static void right_side(void *instance, void *model, double *values, double *solution) {
    Instance *self = instance;
    double current = self->conductance * self->voltage - self->current;
    values[self->nodes[0]] += current;
    values[self->nodes[1]] -= current;
}

static void right_side_tran(
    void *instance, void *model, double *values, double *solution, double alpha) {
    right_side(instance, model, values, solution);
}

static void jacobian(void *instance, void *model) {
    Instance *self = instance;
    for (int entry = 0; entry < 4; entry++)
        *self->jacobian[entry] += entry % 3 == 0 ? self->conductance : -self->conductance;
}

static void jacobian_tran(void *instance, void *model, double alpha) { jacobian(instance, model); }

static char *multiplicity_names[] = {"$mfactor"}, *resistance_names[] = {"r"};
static Parameter parameters[] = {
    {multiplicity_names, 0, "multiplicity", "", INSTANCE_PARAMETER, 0},
    {resistance_names, 0, "resistance", "Ohm", 0, 0},
};
static Node nodes[] = {
    {"p", "V", "A", NONE, NONE, NONE, NONE, false}, {"n", "V", "A", NONE, NONE, NONE, NONE, false},
};
static JacobianEntry entries[] = {
    {{0, 0}, NONE, RESISTIVE}, {{0, 1}, NONE, RESISTIVE},
    {{1, 0}, NONE, RESISTIVE}, {{1, 1}, NONE, RESISTIVE},
};

const uint32_t OSDI_VERSION_MAJOR = 0, OSDI_VERSION_MINOR = 3, OSDI_NUM_DESCRIPTORS = 1;
void (*osdi_log)(void *, const char *, uint32_t);
Descriptor OSDI_DESCRIPTORS[] = {{
    .name = "cubic", .node_count = 2, .terminal_count = 2, .nodes = nodes,
    .jacobian_count = 4, .jacobian = entries,
    .collapsed_offset = offsetof(Instance, collapsed),
    .parameter_count = 2, .instance_parameter_count = 1, .parameters = parameters,
    .node_offset = offsetof(Instance, nodes), .jacobian_offset = offsetof(Instance, jacobian),
    .state_offset = offsetof(Instance, states), .bound_step_offset = NONE,
    .instance_size = sizeof(Instance), .model_size = sizeof(Model),
    .access = access_parameter, .setup_model = setup_model, .setup_instance = setup_instance,
    .eval = eval, .noise_density = no_noise, .residual_resist = residual,
    .residual_react = nothing, .limit_resist = nothing, .limit_react = nothing,
    .right_side_dc = right_side, .right_side_tran = right_side_tran, .jacobian_resist = jacobian,
    .jacobian_react = no_capacitance, .jacobian_tran = jacobian_tran,
}};
