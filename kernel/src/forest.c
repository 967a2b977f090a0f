/* The Python class around walk.c: holds the arrays' buffers, and checks what is cheap to check. */
#include "module.h"

#include <limits.h>

#include "walk.h"

#define BUFFERS 5
#define DAMAGED_FILE "the model's file is damaged: a node leads nowhere; upload the model again"
#define SMALL (1 << 18) /* nodes, 4 MB: looked at once; of more, those that are walked */
#define LONG_WALK 4096 /* pairs of trees and rows, some 50 us: other threads may run meanwhile */

typedef struct {
    PyObject_HEAD
    Forest forest;
    Py_buffer buffers[BUFFERS];
} ForestObject;

/* Borrow an array's bytes, which must divide into items of `size`; None leaves `found` NULL. */
static int borrow(PyObject *array, const char *name, size_t size, Py_buffer *buffer, const void **found,
                  size_t *count)
{
    *found = NULL;
    *count = 0;
    if (array == Py_None)
        return 0;
    if (PyObject_GetBuffer(array, buffer, PyBUF_C_CONTIGUOUS) < 0)
        return -1;
    size_t alignment = size % 8 == 0 ? 8 : size % 4 == 0 ? 4 : 1;
    if ((size_t)buffer->len % size || (uintptr_t)buffer->buf % alignment) {
        PyErr_Format(PyExc_ValueError, "%s must be aligned, and hold items of %zu bytes", name, size);
        return -1;
    }
    *found = buffer->buf;
    *count = (size_t)buffer->len / size;
    return 0;
}

static int check(const Forest *forest, size_t targets, size_t cells)
{
    const char *wrong = NULL;

    if (forest->count > UINT32_MAX)
        wrong = "nodes: more than can be numbered";
    else if (forest->trees > forest->count)
        wrong = "trees: more than there are nodes";
    else if (forest->width >= COLUMN)
        wrong = "width: more columns than a node's word can name";
    else if (forest->targets && targets != forest->trees)
        wrong = "targets: one is needed for each tree";
    else if (forest->cells && cells != forest->width)
        wrong = "cells: one code is needed for each column";
    if (wrong)
        PyErr_SetString(PyExc_ValueError, wrong);
    return wrong ? -1 : 0;
}

static int fill(ForestObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"nodes",      "trees", "width",  "outputs",         "values",           "targets",
                            "categories", "cells", "single", "refuses_missing", "refuses_infinite", NULL};
    PyObject *nodes, *values = Py_None, *targets = Py_None, *categories = Py_None, *cells = Py_None;
    Forest *forest = &self->forest;
    size_t n_targets, n_cells;
    Py_buffer *buffers = self->buffers;

    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OIII|$OOOOppp", names, &nodes, &forest->trees,
                                     &forest->width, &forest->outputs, &values, &targets, &categories, &cells,
                                     &forest->single, &forest->refuses_missing, &forest->refuses_infinite))
        return -1;
    if (!forest->outputs) {
        PyErr_SetString(PyExc_ValueError, "outputs: at least one is needed");
        return -1;
    }
    size_t vector = forest->outputs * sizeof(double);
    if (borrow(nodes, "nodes", sizeof(Node), &buffers[0], (const void **)&forest->nodes, &forest->count) ||
        borrow(values, "values", vector, &buffers[1], (const void **)&forest->values, &forest->vectors) ||
        borrow(targets, "targets", 4, &buffers[2], (const void **)&forest->targets, &n_targets) ||
        borrow(categories, "categories", 4, &buffers[3], (const void **)&forest->categories, &forest->words) ||
        borrow(cells, "cells", 1, &buffers[4], (const void **)&forest->cells, &n_cells))
        return -1;
    if (check(forest, n_targets, n_cells) < 0)
        return -1;
    forest->sound = forest->count <= SMALL && is_sound(forest);
    if (forest->count <= SMALL && !forest->sound)
        PyErr_SetString(PyExc_ValueError, DAMAGED_FILE);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *create(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    ForestObject *self = (ForestObject *)allocate(type, 0);

    if (self && fill(self, arguments, keywords) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void destroy(ForestObject *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

    for (int i = 0; i < BUFFERS; i++)
        PyBuffer_Release(&self->buffers[i]);
    release(self);
    Py_DECREF(type);
}

static PyObject *report(Outcome outcome, const Place *place)
{
    if (outcome == WALKED)
        Py_RETURN_NONE;
    if (outcome == NO_MEMORY)
        return PyErr_NoMemory();
    if (outcome == DAMAGED)
        PyErr_SetString(PyExc_ValueError, DAMAGED_FILE);
    else if (outcome == MISSING)
        PyErr_Format(PyExc_ValueError, "row %zu, column %zu is missing (null or NaN); this model needs a number there",
                     place->row, place->column);
    else
        PyErr_Format(PyExc_ValueError, "row %zu, column %zu is infinite or too large; send a number below 3.4e38",
                     place->row, place->column);
    return NULL;
}

static PyObject *walk(const Forest *forest, const Py_buffer *x, Py_buffer *out)
{
    size_t rows = (size_t)x->shape[0];
    int narrow = out->itemsize == sizeof(float);
    Place place = {0, 0};
    Outcome outcome;

    if (rows * forest->trees >= LONG_WALK) {
        Py_BEGIN_ALLOW_THREADS
        outcome = walk_forest(forest, x->buf, rows, out->buf, narrow, &place);
        Py_END_ALLOW_THREADS
    }
    else
        outcome = walk_forest(forest, x->buf, rows, out->buf, narrow, &place);
    return report(outcome, &place);
}

static int fits(const Forest *forest, const Py_buffer *x, const Py_buffer *out)
{
    return x->ndim == 2 && out->ndim == 2 && x->itemsize == 8 && (out->itemsize == 8 || out->itemsize == 4) &&
           x->shape[1] == (Py_ssize_t)forest->width && out->shape[1] == (Py_ssize_t)forest->outputs &&
           x->shape[0] == out->shape[0];
}

static PyObject *add(ForestObject *self, PyObject *const *arguments, Py_ssize_t n)
{
    Py_buffer x, out;
    PyObject *result = NULL;

    if (n != 2)
        return PyErr_Format(PyExc_TypeError, "add takes x and out");
    if (PyObject_GetBuffer(arguments[0], &x, PyBUF_C_CONTIGUOUS) < 0)
        return NULL;
    if (PyObject_GetBuffer(arguments[1], &out, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) == 0) {
        if (fits(&self->forest, &x, &out))
            result = walk(&self->forest, &x, &out);
        else
            PyErr_Format(PyExc_ValueError, "x must be doubles of shape (n, %u), out numbers of shape (n, %u)",
                         self->forest.width, self->forest.outputs);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&x);
    return result;
}

static PyMethodDef methods[] = {
    {"add", (PyCFunction)(void (*)(void))add, METH_FASTCALL, "Add every tree's leaf to out."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Decision trees as flat arrays: see the package's docstring."},
    {Py_tp_new, create},
    {Py_tp_dealloc, destroy},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec forest_spec = {
    .name = "modelmount_kernel.Forest",
    .basicsize = sizeof(ForestObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
