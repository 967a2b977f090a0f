/* The walk of a forest, in plain C: `modelmount_kernel/__init__.py` says what the arrays mean. */
#ifndef MODELMOUNT_WALK_H
#define MODELMOUNT_WALK_H

#include <stddef.h>
#include <stdint.h>

/* Bits of a node's word that aren't the column. */
#define MISSING_RIGHT (1u << 31)
#define CATEGORICAL (1u << 30)
#define UNKNOWN_RIGHT (1u << 29)
#define COLUMN (UNKNOWN_RIGHT - 1)

/* What a cell's code in `cells` asks for. */
#define MISSING_IS_ZERO 1
#define ZERO_IS_MISSING 2

typedef struct {
    double value;
    uint32_t word;
    uint32_t child;
} Node;

typedef struct {
    const Node *nodes;
    size_t count;
    uint32_t trees, width, outputs;
    const double *values; /* NULL: a leaf's value is its own number */
    size_t vectors;
    const uint32_t *targets; /* NULL: every tree adds to output 0 */
    const uint32_t *categories;
    size_t words;
    const uint8_t *cells; /* NULL: no cell is replaced */
    int single, refuses_missing, refuses_infinite;
    int sound; /* all nodes were looked at, and lead somewhere */
} Forest;

typedef enum { WALKED, MISSING, INFINITE, DAMAGED, NO_MEMORY } Outcome;

/* Where a refused cell is. */
typedef struct {
    size_t row, column;
} Place;

/* Look at all nodes; the walk does so on its way where this was not found to be true. */
int is_sound(const Forest *forest);

/* Add every tree's leaf to `out`, shape (rows, outputs), of floats where `narrow`, else of doubles.
   `x` has shape (rows, width). Touches no Python object. */
Outcome walk_forest(const Forest *forest, const double *x, size_t rows, void *out, int narrow,
                    Place *place);

#endif
