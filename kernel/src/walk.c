#include "walk.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Pairs of a tree and a row that are under way at once. Each walks alone, so that the processor
   fetches many of their nodes at a time; 256 keep their state in the first-level cache. */
#define PAIRS 256
#define SCRATCH_CELLS 32768 /* doubles of prepared rows: they stay in the second-level cache */
#define TINY ((double)1e-35f) /* LightGBM's kZeroThreshold, a float */

#define INLINE static inline __attribute__((always_inline))
#define RARE(condition) __builtin_expect(condition, 0)

typedef enum { NUMBERS, NUMBERS_OR_MISSING, CATEGORIES } Kind;

typedef struct {
    uint32_t node[PAIRS];
    uint32_t start[PAIRS]; /* of the pair's row in the prepared cells */
} Pairs;

static Kind kind_of(const Forest *forest)
{
    return forest->categories ? CATEGORIES : forest->refuses_missing ? NUMBERS : NUMBERS_OR_MISSING;
}

int is_sound(const Forest *forest)
{
    uint32_t mask = kind_of(forest) == NUMBERS ? UINT32_MAX : COLUMN;

    for (size_t i = 0; i < forest->count; i++) {
        const Node *node = &forest->nodes[i];
        uint32_t column = node->word & mask;
        int leads_on = node->child > i && (size_t)node->child + 1 < forest->count;
        if (node->word != forest->width && (column >= forest->width || !leads_on))
            return 0;
    }
    return 1;
}

static Outcome refused(const Forest *forest, const double *cells, Place *place)
{
    for (size_t j = 0; j < forest->width; j++) {
        place->column = j;
        if (forest->refuses_missing && isnan(cells[j]))
            return MISSING;
        if (forest->refuses_infinite && isinf(cells[j]))
            return INFINITE;
    }
    return WALKED;
}

static void replace(const Forest *forest, double *cells)
{
    for (size_t j = 0; j < forest->width; j++) {
        if (forest->cells[j] == MISSING_IS_ZERO && isnan(cells[j]))
            cells[j] = 0.0;
        if (forest->cells[j] == ZERO_IS_MISSING && fabs(cells[j]) <= TINY)
            cells[j] = NAN;
    }
}

/* Copy a row to where leaves find a cell to read too, as the original sees it. */
static Outcome prepare(const Forest *forest, const double *x, double *cells, Place *place)
{
    uint64_t missing = 0, infinite = 0;

    for (size_t j = 0; j < forest->width; j++) {
        double cell = forest->single ? (double)(float)x[j] : x[j];
        missing |= cell != cell;
        infinite |= fabs(cell) > DBL_MAX;
        cells[j] = cell;
    }
    cells[forest->width] = 0.0;
    if (RARE((missing && forest->refuses_missing) || (infinite && forest->refuses_infinite)))
        return refused(forest, cells, place);
    if (forest->cells)
        replace(forest, cells);
    return WALKED;
}

/* Whether a category goes right: its bit in a set that begins with its number of bits. */
INLINE int in_set(const Forest *forest, const Node *node, double cell, int *damaged)
{
    double at = node->value;

    if (RARE(!(at >= 0.0 && at < (double)forest->words)))
        return *damaged = 1;
    const uint32_t *set = forest->categories + (size_t)at;
    size_t room = forest->words - (size_t)at - 1;
    if (!(cell > -1.0 && cell < (double)set[0]))
        return (node->word & UNKNOWN_RIGHT) != 0;
    uint32_t category = (uint32_t)cell;
    if (RARE(category / 32 >= room))
        return *damaged = 1;
    return (set[1 + category / 32] >> category % 32) & 1;
}

INLINE int goes_right(const Forest *forest, const Node *node, double cell, Kind kind, int *damaged)
{
    if (kind == NUMBERS)
        return cell > node->value;
    int when_missing = (cell != cell) & (int)(node->word >> 31);
    if (kind == CATEGORIES && node->word & CATEGORICAL && cell == cell)
        return in_set(forest, node, cell, damaged);
    if (kind == CATEGORIES && node->word & CATEGORICAL)
        return when_missing;
    return (cell > node->value) | when_missing;
}

/* Take all pairs to their leaves, a level at a time; those that arrive leave the list.
   A damaged forest can neither lead out of the arrays nor in circles: children follow parents. */
INLINE int descend(const Forest *forest, const double *cells, Pairs *pairs, unsigned n, Kind kind, int sound)
{
    /* In locals: the compiler can't know that `pairs` isn't the forest itself. */
    const Node *nodes = forest->nodes;
    const size_t count = forest->count;
    const uint32_t width = forest->width;
    uint16_t active[PAIRS];
    int damaged = 0;

    for (unsigned j = 0; j < n; j++)
        active[j] = (uint16_t)j;
    while (n && !damaged) {
        unsigned kept = 0;
        for (unsigned k = 0; k < n; k++) {
            unsigned j = active[k];
            size_t at = pairs->node[j];
            const Node *node = &nodes[at];
            uint32_t column = kind == NUMBERS ? node->word : node->word & COLUMN;
            unsigned leaf = node->word == width;
            if (!sound && RARE(column >= width && !leaf))
                return 1;
            double cell = cells[pairs->start[j] + column];
            size_t next = node->child + (size_t)goes_right(forest, node, cell, kind, &damaged);
            next = leaf ? at : next;
            if (!sound && RARE(next >= count || next + leaf <= at))
                return 1;
            pairs->node[j] = (uint32_t)next;
            active[kept] = (uint16_t)j;
            kept += !leaf;
        }
        n = kept;
    }
    return damaged;
}

/* One loop for each kind of forest, without what the others need. */
static int reach_leaves(const Forest *forest, const double *cells, Pairs *pairs, unsigned n)
{
    switch (kind_of(forest)) {
    case NUMBERS:
        return forest->sound ? descend(forest, cells, pairs, n, NUMBERS, 1)
                             : descend(forest, cells, pairs, n, NUMBERS, 0);
    case NUMBERS_OR_MISSING:
        return forest->sound ? descend(forest, cells, pairs, n, NUMBERS_OR_MISSING, 1)
                             : descend(forest, cells, pairs, n, NUMBERS_OR_MISSING, 0);
    default:
        return descend(forest, cells, pairs, n, CATEGORIES, 0);
    }
}

INLINE int add_vector(const Forest *forest, double leaf, void *out, size_t first, int narrow)
{
    if (RARE(!(leaf >= 0.0 && leaf < (double)forest->vectors)))
        return 1;
    const double *vector = forest->values + (size_t)leaf * forest->outputs;
    if (narrow)
        for (size_t k = 0; k < forest->outputs; k++)
            ((float *)out)[first + k] += (float)vector[k];
    else
        for (size_t k = 0; k < forest->outputs; k++)
            ((double *)out)[first + k] += vector[k];
    return 0;
}

INLINE int add_leaf(const Forest *forest, uint32_t tree, double leaf, void *out, size_t first, int narrow)
{
    if (forest->values)
        return add_vector(forest, leaf, out, first, narrow);
    uint32_t target = forest->targets ? forest->targets[tree] : 0;
    if (RARE(target >= forest->outputs))
        return 1;
    if (narrow)
        ((float *)out)[first + target] += (float)leaf;
    else
        ((double *)out)[first + target] += leaf;
    return 0;
}

/* Walk prepared rows, tree by tree and in each row by row: sums run in the order of the trees. */
static int walk_rows(const Forest *forest, const double *cells, uint32_t rows, void *out, int narrow)
{
    Pairs pairs;
    uint64_t total = (uint64_t)forest->trees * rows;

    for (uint64_t first = 0; first < total; first += PAIRS) {
        unsigned n = total - first < PAIRS ? (unsigned)(total - first) : PAIRS;
        uint32_t tree = (uint32_t)(first / rows), row = (uint32_t)(first % rows);
        uint32_t tree_of_first = tree, row_of_first = row;
        for (unsigned j = 0; j < n; j++) {
            pairs.node[j] = tree;
            pairs.start[j] = row * (forest->width + 1);
            if (++row == rows)
                row = 0, tree++;
        }
        if (RARE(reach_leaves(forest, cells, &pairs, n)))
            return 1;
        tree = tree_of_first, row = row_of_first;
        for (unsigned j = 0; j < n; j++) {
            double leaf = forest->nodes[pairs.node[j]].value;
            if (RARE(add_leaf(forest, tree, leaf, out, (size_t)row * forest->outputs, narrow)))
                return 1;
            if (++row == rows)
                row = 0, tree++;
        }
    }
    return 0;
}

Outcome walk_forest(const Forest *forest, const double *x, size_t rows, void *out, int narrow, Place *place)
{
    size_t stride = (size_t)forest->width + 1;
    size_t block = stride >= SCRATCH_CELLS ? 1 : SCRATCH_CELLS / stride;
    Outcome outcome = WALKED;

    block = block > PAIRS ? PAIRS : block;
    block = block > rows ? rows : block;
    double *cells = malloc((block ? block : 1) * stride * sizeof *cells);
    if (!cells)
        return NO_MEMORY;
    for (size_t start = 0; start < rows && outcome == WALKED; start += block) {
        size_t n = rows - start < block ? rows - start : block;
        for (size_t r = 0; r < n && outcome == WALKED; r++) {
            place->row = start + r;
            outcome = prepare(forest, x + (start + r) * forest->width, cells + r * stride, place);
        }
        char *target = (char *)out + start * forest->outputs * (narrow ? sizeof(float) : sizeof(double));
        if (outcome == WALKED && walk_rows(forest, cells, (uint32_t)n, target, narrow))
            outcome = DAMAGED;
    }
    free(cells);
    return outcome;
}
