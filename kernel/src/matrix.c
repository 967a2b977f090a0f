/* From decoded JSON rows to doubles. */
#include "module.h"

#include <math.h>

#define EXACT 9007199254740992.0 /* 2^53: doubles hold all integers up to it */

/* Whether a number is the double that it became: an integer far from zero may have been rounded. */
static int is_exact(PyObject *cell, double value)
{
    if (PyFloat_Check(cell))
        return 1;
    PyObject *rounded = PyFloat_FromDouble(value);
    int same = rounded ? PyObject_RichCompareBool(cell, rounded, Py_EQ) : -1;
    Py_XDECREF(rounded);
    if (same < 0)
        PyErr_Clear();
    return same > 0;
}

/* Convert a cell; 0 when it is no number, or an integer that no double holds. Subclasses of int
   are refused: what turns them into floats is code that could change the list. */
static inline int convert(PyObject *cell, int allows_missing, double *value)
{
    if (PyFloat_Check(cell) || PyLong_CheckExact(cell) || PyBool_Check(cell)) {
        *value = PyFloat_AsDouble(cell);
        if (*value != -1.0 || !PyErr_Occurred())
            return fabs(*value) < EXACT || is_exact(cell, *value);
        PyErr_Clear(); /* an integer past every double */
        return 0;
    }
    *value = NAN;
    return allows_missing && cell == Py_None;
}

/* Fill a row; -1 on success, else the column of the first cell that is no number. */
static Py_ssize_t convert_row(PyObject *row, Py_ssize_t width, int allows_missing, double *out)
{
    for (Py_ssize_t j = 0; j < width; j++)
        if (!convert(PyList_GetItem(row, j), allows_missing, &out[j]))
            return j;
    return -1;
}

static PyObject *refuse(Py_ssize_t row, Py_ssize_t column)
{
    PyObject *place = Py_BuildValue("(nn)", row, column);

    if (place) {
        PyErr_SetObject(PyExc_ValueError, place);
        Py_DECREF(place);
    }
    return NULL;
}

static PyObject *convert_rows(PyObject *rows, Py_buffer *out, int allows_missing)
{
    if (out->ndim != 2 || out->itemsize != sizeof(double) || out->shape[0] != PyList_Size(rows))
        return PyErr_Format(PyExc_TypeError, "out must be doubles of shape (%zd, width)", PyList_Size(rows));
    Py_ssize_t width = out->shape[1];
    double *values = out->buf;

    for (Py_ssize_t i = 0; i < out->shape[0]; i++) {
        PyObject *row = PyList_GetItem(rows, i);
        if (!PyList_Check(row) || PyList_Size(row) != width)
            return refuse(i, -1);
        Py_ssize_t column = convert_row(row, width, allows_missing, values + i * width);
        if (column >= 0)
            return refuse(i, column);
    }
    Py_RETURN_NONE;
}

PyObject *matrix(PyObject *module, PyObject *const *arguments, Py_ssize_t n)
{
    Py_buffer out;
    (void)module;

    if (n != 3 || !PyList_Check(arguments[0]))
        return PyErr_Format(PyExc_TypeError, "matrix takes a list of lists, out, and allows_missing");
    int allows_missing = PyObject_IsTrue(arguments[2]);
    if (allows_missing < 0 || PyObject_GetBuffer(arguments[1], &out, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) < 0)
        return NULL;
    PyObject *result = convert_rows(arguments[0], &out, allows_missing);
    PyBuffer_Release(&out);
    return result;
}
