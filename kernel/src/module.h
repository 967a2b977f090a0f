#ifndef MODELMOUNT_MODULE_H
#define MODELMOUNT_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

extern PyType_Spec forest_spec;

/* matrix(instances, out, allows_missing): see `modelmount_kernel/__init__.py`. */
PyObject *matrix(PyObject *module, PyObject *const *arguments, Py_ssize_t n);

#endif
