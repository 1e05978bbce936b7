/* The module `media._hot`. */
#include "hot.h"

static PyMethodDef functions[] = {
    {"tick", hot_tick, METH_VARARGS, NULL},
    {NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "media._hot", NULL, -1, functions,
};

static int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **kept, const char *name)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL || PyModule_AddObjectRef(module, name, type) < 0)
        return -1;
    if (kept != NULL)
        *kept = (PyTypeObject *)type; /* one reference is ours */
    return 0;
}

PyMODINIT_FUNC PyInit__hot(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    if (add_type(module, &waiting_spec, &waiting_type, "Waiting") < 0 ||
        add_type(module, &following_spec, &following_type, "Following") < 0 ||
        add_type(module, &strand_spec, &strand_type, "Strand") < 0 ||
        add_type(module, &crowd_spec, NULL, "Crowd") < 0 ||
        intern_names() < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
