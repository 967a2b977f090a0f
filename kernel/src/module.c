#include "module.h"

static int execute(PyObject *module)
{
    PyObject *forest = PyType_FromSpec(&forest_spec);

    if (!forest)
        return -1;
    int failed = PyModule_AddObjectRef(module, "Forest", forest);
    Py_DECREF(forest);
    return failed;
}

static PyMethodDef functions[] = {
    {"matrix", (PyCFunction)(void (*)(void))matrix, METH_FASTCALL, "Fill out with rows of numbers."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "modelmount_kernel._kernel",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    return PyModuleDef_Init(&definition);
}
