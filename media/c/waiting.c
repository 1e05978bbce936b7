/* Packets of one leg that wait: `hot.Waiting`. */
#include "hot.h"

#include <string.h>

PyTypeObject *waiting_type;

static PyObject *Waiting_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    return made(type);
}

static int Waiting_traverse(Waiting *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->beat);
    return 0;
}

static int Waiting_clear(Waiting *self)
{
    Py_CLEAR(self->beat);
    return 0;
}

static void Waiting_dealloc(Waiting *self)
{
    PyObject_GC_UnTrack(self);
    Waiting_clear(self);
    PyMem_Free(self->octets);
    PyMem_Free(self->times);
    PyMem_Free(self->turns);
    unmade((PyObject *)self);
}

int waiting_keep(Waiting *self, const unsigned char *packet, number turn, double now)
{
    if (self->octets == NULL) {
        self->octets = PyMem_Malloc(ROOM * PLAIN);
        self->times = PyMem_Malloc(ROOM * sizeof(double));
        self->turns = PyMem_Malloc(ROOM * sizeof(number));
        if (self->octets == NULL || self->times == NULL || self->turns == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    memcpy(self->octets + self->count * PLAIN, packet, PLAIN);
    self->times[self->count] = now;
    self->turns[self->count++] = turn;
    return 0;
}

/* Keep a packet of a leg that may rest: in the beat's turn, if that is ahead. */
int waiting_put(Waiting *self, const unsigned char *packet, double now)
{
    PyObject *turn = PyObject_GetAttrString(self->beat, "turn");
    if (turn == NULL)
        return -1;
    number beat = PyLong_AsLongLong(turn);
    Py_DECREF(turn);
    if (beat == -1 && PyErr_Occurred())
        return -1;
    return waiting_keep(self, packet, beat > self->turn ? beat : self->turn, now);
}

static PyObject *Waiting_octets(Waiting *self, void *none)
{
    const char *octets = self->count ? (const char *)self->octets : "";
    return PyBytes_FromStringAndSize(octets, (Py_ssize_t)self->count * PLAIN);
}

static PyObject *Waiting_times(Waiting *self, void *none)
{
    PyObject *list = PyList_New(self->count);
    for (int n = 0; list != NULL && n < self->count; n++) {
        PyObject *value = PyFloat_FromDouble(self->times[n]);
        if (value == NULL || PyList_SetItem(list, n, value) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *Waiting_turns(Waiting *self, void *none)
{
    PyObject *list = PyList_New(self->count);
    for (int n = 0; list != NULL && n < self->count; n++) {
        PyObject *value = PyLong_FromLongLong(self->turns[n]);
        if (value == NULL || PyList_SetItem(list, n, value) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *Waiting_latest(Waiting *self, void *none)
{
    if (!self->count)
        Py_RETURN_NONE;
    return PyFloat_FromDouble(self->times[self->count - 1]);
}

static PyObject *Waiting_drop(Waiting *self, PyObject *none)
{
    self->count = 0;
    Py_RETURN_NONE;
}

static PyMemberDef waiting_members[] = {
    {"_beat", T_OBJECT_EX, offsetof(Waiting, beat), 0, NULL},
    {"turn", T_LONGLONG, offsetof(Waiting, turn), 0, NULL},
    {"count", T_INT, offsetof(Waiting, count), READONLY, NULL},
    {NULL},
};
static PyGetSetDef waiting_values[] = {
    {"octets", (getter)Waiting_octets, NULL, NULL, NULL},
    {"times", (getter)Waiting_times, NULL, NULL, NULL},
    {"turns", (getter)Waiting_turns, NULL, NULL, NULL},
    {"latest", (getter)Waiting_latest, NULL, NULL, NULL},
    {NULL},
};
static PyMethodDef waiting_methods[] = {
    {"drop", (PyCFunction)Waiting_drop, METH_NOARGS, NULL},
    {NULL},
};
static PyType_Slot waiting_slots[] = {
    {Py_tp_new, Waiting_new},         {Py_tp_dealloc, Waiting_dealloc},
    {Py_tp_traverse, Waiting_traverse}, {Py_tp_clear, Waiting_clear},
    {Py_tp_members, waiting_members}, {Py_tp_getset, waiting_values},
    {Py_tp_methods, waiting_methods}, {0, NULL},
};
PyType_Spec waiting_spec = {
    "media._hot.Waiting", sizeof(Waiting), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, waiting_slots,
};
