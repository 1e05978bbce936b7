/* A row of packets that go straight on: `hot.Following`. */
#include "hot.h"

#include <math.h>

#define STEP (((uint64_t)1 << 32) + FRAME) /* from one packet's head to that of the next */
#define FAR 80000.0 /* timestamp units that mean no delay */

PyTypeObject *following_type;

static PyObject *Following_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    Following *self = (Following *)made(type);
    if (self != NULL)
        self->source = -1;
    return (PyObject *)self;
}

static int Following_traverse(Following *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->keep);
    return 0;
}

static int Following_clear(Following *self)
{
    Py_CLEAR(self->keep);
    return 0;
}

static void Following_dealloc(Following *self)
{
    PyObject_GC_UnTrack(self);
    Following_clear(self);
    unmade((PyObject *)self);
}

/* Give a packet to whoever listens: 1 done, 0 there is no room, -1 an exception. */
static int following_keep(Following *self, unsigned char *packet, double now)
{
    PyObject *keep = self->keep;
    if (keep == NULL || keep == Py_None)
        return 1;
    if (PyObject_TypeCheck(keep, waiting_type)) {
        Waiting *waiting = (Waiting *)keep;
        if (waiting->count >= ROOM)
            return 0;
        return waiting_put(waiting, packet, now) < 0 ? -1 : 1;
    }
    PyObject *done = PyObject_CallFunction(keep, "y#d", packet, (Py_ssize_t)PLAIN, now);
    Py_XDECREF(done);
    return done == NULL ? -1 : 1;
}

int following_pass(Following *self, unsigned char *packet, double now)
{
    uint64_t head = head_of(packet);
    if (head != (uint64_t)self->expected || (number)source_of(packet) != self->source)
        return 0;
    int kept = following_keep(self, packet, now);
    if (kept <= 0)
        return kept;
    self->expected = (number)(head + STEP);
    if (head == (uint64_t)self->last)
        self->source = -1;
    double uneven = fabs((now - self->heard) * 8000 - FRAME);
    self->heard = now;
    if (uneven < FAR)
        self->jitter += (uneven - self->jitter) / 16;
    put_head(packet, head + (uint64_t)self->shift, (uint32_t)self->ssrc);
    return 1;
}

static PyObject *Following_pass_on(Following *self, PyObject *args)
{
    Py_buffer packet;
    double now;
    if (!PyArg_ParseTuple(args, "w*d", &packet, &now))
        return NULL;
    int done = packet.len < PLAIN ? 0 : following_pass(self, packet.buf, now);
    PyBuffer_Release(&packet);
    return done < 0 ? NULL : PyBool_FromLong(done);
}

static PyMemberDef following_members[] = {
    {"_source", T_LONGLONG, offsetof(Following, source), 0, NULL},
    {"_expected", T_LONGLONG, offsetof(Following, expected), 0, NULL},
    {"_last", T_LONGLONG, offsetof(Following, last), 0, NULL},
    {"_shift", T_LONGLONG, offsetof(Following, shift), 0, NULL},
    {"_ssrc", T_LONGLONG, offsetof(Following, ssrc), 0, NULL},
    {"_heard", T_DOUBLE, offsetof(Following, heard), 0, NULL},
    {"_jitter", T_DOUBLE, offsetof(Following, jitter), 0, NULL},
    {"_keep", T_OBJECT, offsetof(Following, keep), 0, NULL},
    {NULL},
};
static PyMethodDef following_methods[] = {
    {"pass_on", (PyCFunction)Following_pass_on, METH_VARARGS, NULL},
    {NULL},
};
static PyType_Slot following_slots[] = {
    {Py_tp_new, Following_new},           {Py_tp_dealloc, Following_dealloc},
    {Py_tp_traverse, Following_traverse}, {Py_tp_clear, Following_clear},
    {Py_tp_members, following_members},   {Py_tp_methods, following_methods},
    {0, NULL},
};
PyType_Spec following_spec = {
    "media._hot.Following", sizeof(Following), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, following_slots,
};
